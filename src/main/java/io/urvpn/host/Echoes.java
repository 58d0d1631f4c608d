package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;

/** ICMP echo (RFC 792, RFC 4443), sent by one interface alone, whatever the node's rules and routes say. */
public interface Echoes {
    /**
     * Sends one echo request.
     *
     * @param ifindex the interface that it leaves by; an answer counts only where it comes in there too
     * @param address whom it asks; its prefix length does not count
     * @throws HostException where it could not be sent: the interface has no way there, or is gone
     */
    Echo send(int ifindex, IpPrefix address);

    /** A request on its way. */
    interface Echo extends AutoCloseable {
        /** True once it was answered; does not wait. */
        boolean answered();

        /** Waits for its answer no longer. */
        @Override
        void close();
    }
}
