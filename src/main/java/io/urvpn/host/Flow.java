package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.Optional;

/**
 * A connection that the kernel tracks (linux/netfilter/nfnetlink_conntrack.h).
 *
 * @param id the kernel's own (CTA_ID), 32 bits, unsigned
 * @param zone 0 is the default one (CTA_ZONE)
 * @param original its first packet, as it came
 * @param reply what answers it; other addresses than the original's, turned round, where it is translated
 */
public record Flow(long id, int zone, Tuple original, Tuple reply) {
    /**
     * One direction of it.
     *
     * @param source address, with the full prefix length
     * @param destination address, with the full prefix length
     * @param protocol IP protocol number
     * @param ports empty for protocols without
     * @param echo what ICMP has instead of ports
     * @param zone of this direction alone (CTA_TUPLE_ZONE); 0 where it has none of its own
     */
    public record Tuple(
            IpPrefix source,
            IpPrefix destination,
            int protocol,
            Optional<Ports> ports,
            Optional<Echo> echo,
            int zone) {}

    /** Ports, 16 bits each; of GRE the keys. */
    public record Ports(int source, int destination) {}

    /** Type, code and identifier of an ICMP or ICMPv6 message. */
    public record Echo(int type, int code, int id) {}
}
