package io.urvpn.host.linux;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Datagrams to and from the kernel; what a conversation needs of a socket. */
public interface NetlinkTransport extends AutoCloseable {
    /** NETLINK_ROUTE: links, addresses, routes, rules. */
    int ROUTE = 0;
    /** NETLINK_XFRM: IPsec policies and states. */
    int XFRM = 6;
    /** NETLINK_NETFILTER: connection tracking among others. */
    int NETFILTER = 12;
    /** NETLINK_GENERIC: what has no family of its own, WireGuard among it. */
    int GENERIC = 16;

    /** Opens transports. */
    @FunctionalInterface
    interface Factory {
        /**
         * In the network namespace of the calling thread.
         *
         * @param family {@link #ROUTE} or another of these
         * @param groups bit g-1 is set for multicast group g
         */
        NetlinkTransport open(int family, int groups);
    }

    /** Opens sockets. */
    static Factory real() {
        return NetlinkSocket::new;
    }

    /** The address that the kernel answers to. */
    int port();

    /** Sends one datagram to the kernel. */
    void send(byte[] message);

    /**
     * The next datagram of the kernel; empty where one was longer than the buffer, which has been made larger.
     *
     * @throws ErrnoException ENOBUFS where some were lost, EAGAIN where none came in time
     */
    Optional<ByteBuffer> receive();

    @Override
    void close();
}
