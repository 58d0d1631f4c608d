package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What leaves the node by the instance's interface or not at all. What the node sends to itself is left alone, and what
 * IPsec in the kernel encrypts: that leaves nothing in the clear.
 *
 * @param networks destinations, IPv4 or IPv6
 * @param except destinations that are left alone although they are in one of these networks
 * @param traffic what of it is stopped; with none of a family nothing of that family is
 * @param links further interfaces by which it may leave
 */
public record KillSwitch(Set<IpPrefix> networks, Set<IpPrefix> except, Set<Traffic> traffic, Set<String> links) {
    /** Stops nothing. */
    public static final KillSwitch NONE = new KillSwitch(Set.of(), Set.of(), Set.of(), Set.of());

    /**
     * Packets of one family, as a policy rule selects them.
     *
     * @param v6 family
     * @param from source, as it is before any translation; {@code null} is any
     * @param to destination; {@code null} is any
     * @param mark firewall mark, 32 bits, unsigned; {@code null} is any
     */
    public record Traffic(boolean v6, IpPrefix from, IpPrefix to, Long mark) {
        /** Networks without their host bits; one of length 0 is any. */
        public Traffic {
            from = from == null || from.length() == 0 ? null : from.network();
            to = to == null || to.length() == 0 ? null : to.network();
        }

        /** All of a family. */
        public static Traffic all(boolean v6) {
            return new Traffic(v6, null, null, null);
        }
    }

    /** With copies of the sets, and networks without their host bits. */
    public KillSwitch {
        networks = networks(networks);
        except = networks(except);
        traffic = traffic == null ? Set.of() : Set.copyOf(traffic);
        links = links == null ? Set.of() : Set.copyOf(links);
    }

    private static Set<IpPrefix> networks(Set<IpPrefix> any) {
        return any == null ? Set.of() : any.stream().map(IpPrefix::network).collect(Collectors.toUnmodifiableSet());
    }

    /** All that goes to these networks. */
    public static KillSwitch of(Set<IpPrefix> networks) {
        return new KillSwitch(
                networks,
                Set.of(),
                networks.stream().map(IpPrefix::v6).map(Traffic::all).collect(Collectors.toSet()),
                Set.of());
    }

    /** True where nothing is stopped. */
    public boolean nothing() {
        return traffic.stream().noneMatch(each -> networks.stream().anyMatch(network -> network.v6() == each.v6()));
    }
}
