package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel does with the packets of a selector (struct xfrm_userpolicy_info of linux/xfrm.h).
 *
 * @param direction which packets it is asked for
 * @param selector which of them it is for
 * @param priority the lower one is asked first; 32 bits, unsigned
 * @param action what becomes of them
 * @param ifId the XFRM interface it is for (XFRMA_IF_ID), unsigned; 0 is none
 * @param mark empty where it asks for none
 * @param templates the states that a packet needs, outermost last; none where it passes as it is, or is blocked
 * @param others a rendering of what else tells it from its neighbours (ifindex, uid, sub-policy, security context), empty
 *     where it has none; ours never have any
 */
public record XfrmPolicy(
        Direction direction,
        Selector selector,
        long priority,
        Action action,
        long ifId,
        Optional<XfrmMark> mark,
        List<Template> templates,
        String others) {

    /** XFRM_POLICY_IN, OUT and FWD, by their numbers. */
    public enum Direction {
        IN,
        OUT,
        FWD
    }

    /** XFRM_POLICY_ALLOW and BLOCK, by their numbers. */
    public enum Action {
        ALLOW,
        BLOCK
    }

    /**
     * Which packets (struct xfrm_selector).
     *
     * @param source network they come from
     * @param destination network they go to
     * @param protocol IP protocol number; 0 is any
     * @param sourcePort of protocols that have ports; of ICMP the type
     * @param destinationPort of protocols that have ports; of ICMP the code
     */
    public record Selector(
            IpPrefix source, IpPrefix destination, int protocol, Ports sourcePort, Ports destinationPort) {}

    /**
     * A port under a mask.
     *
     * @param port 16 bits
     * @param mask 16 bits; 0 is any port, 65535 this one alone
     */
    public record Ports(int port, int mask) {
        /** Any port. */
        public static final Ports ANY = new Ports(0, 0);
    }

    /**
     * A state that a packet needs (struct xfrm_user_tmpl).
     *
     * @param source address of the tunnel's near end for packets that leave; all zero where any will do
     * @param destination address of its far end; all zero where any will do
     * @param protocol 50 is ESP, 51 AH, 108 IPComp
     * @param reqid ties it to states of the same number; 32 bits, unsigned, 0 is any
     * @param mode 0 is transport, 1 tunnel, 4 BEET
     */
    public record Template(IpPrefix source, IpPrefix destination, int protocol, long reqid, int mode) {}

    /** With a copy of the templates. */
    public XfrmPolicy {
        templates = List.copyOf(templates);
    }
}
