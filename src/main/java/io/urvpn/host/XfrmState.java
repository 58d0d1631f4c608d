package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.time.Instant;
import java.util.Optional;

/**
 * A security association of the kernel (struct xfrm_usersa_info of linux/xfrm.h), without its keys.
 *
 * @param source address that its packets come from
 * @param destination address that its packets go to
 * @param spi number in its packets, 32 bits, unsigned; 0 where the kernel waits for a daemon to fill it
 * @param protocol 50 is ESP, 51 AH, 108 IPComp
 * @param reqid ties it to policies of the same number; 32 bits, unsigned
 * @param mode 0 is transport, 1 tunnel, 4 BEET
 * @param ifId the XFRM interface it is for (XFRMA_IF_ID), unsigned; 0 is none
 * @param mark empty where it asks for none
 * @param added when it was made, to the second
 * @param used when its first packet passed, to the second; empty before that
 * @param bytes that passed
 * @param packets that passed
 */
public record XfrmState(
        IpPrefix source,
        IpPrefix destination,
        long spi,
        int protocol,
        long reqid,
        int mode,
        long ifId,
        Optional<XfrmMark> mark,
        Instant added,
        Optional<Instant> used,
        long bytes,
        long packets) {

    /**
     * True where the kernel made it only to hold the place of one that it has asked a daemon for. It has no key, no delete
     * reaches it, and it goes by itself (net.core.xfrm_acq_expires, 30 s).
     */
    public boolean placeholder() {
        return spi == 0;
    }

    /** True where it is the same one, whatever has passed through it since. */
    public boolean same(XfrmState other) {
        return source.equals(other.source)
                && destination.equals(other.destination)
                && spi == other.spi
                && protocol == other.protocol
                && reqid == other.reqid
                && mode == other.mode
                && ifId == other.ifId
                && mark.equals(other.mark);
    }
}
