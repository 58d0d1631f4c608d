package io.urvpn.host.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A netlink socket. It may be closed by another thread than the one that uses it, but not while that one does. */
final class NetlinkSocket implements NetlinkTransport {
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;
    /** Length of struct sockaddr_nl. */
    private static final int ADDRESS = 12;
    /** The kernel fills at most 32 KiB of a dump into one datagram, unless a single message is longer. */
    private static final int BUFFER = 64 * 1024;

    private static final int ANSWER_SECONDS = 10;

    private final Arena arena = Arena.ofShared();
    private final int fd;
    private final int port;
    private final MemorySegment from = arena.allocate(ADDRESS, 4);
    private MemorySegment buffer = arena.allocate(BUFFER);

    NetlinkSocket(int family, int groups) {
        fd = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, family);
        try {
            Libc.receiveTimeout(fd, ANSWER_SECONDS);
            option(NETLINK_EXT_ACK);
            option(NETLINK_CAP_ACK);
            option(NETLINK_GET_STRICT_CHK);
            MemorySegment address = arena.allocate(ADDRESS, 4);
            address.set(JAVA_SHORT, 0, (short) Libc.AF_NETLINK);
            address.set(JAVA_INT, 8, groups);
            Libc.bind(fd, address);
            Libc.getsockname(fd, address);
            port = address.get(JAVA_INT, 4);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Switches an option on; a kernel that does not know it answers less well, but the same. */
    private void option(int option) {
        try {
            Libc.setsockopt(fd, Libc.SOL_NETLINK, option, 1);
        } catch (ErrnoException e) {
            System.getLogger(NetlinkSocket.class.getName())
                    .log(System.Logger.Level.DEBUG, "netlink option " + option + " is not known: " + e.getMessage());
        }
    }

    int fd() {
        return fd;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void send(byte[] message) {
        Libc.send(fd, message);
    }

    @Override
    public Optional<ByteBuffer> receive() {
        return receive(0);
    }

    /** As {@link #receive()}, with further flags of recv(2). */
    Optional<ByteBuffer> receive(int flags) {
        while (true) {
            long length = Libc.recvfrom(fd, buffer, flags | Libc.MSG_TRUNC, from);
            if (from.get(JAVA_INT, 4) != 0) {
                // Somebody else than the kernel wrote to us.
                continue;
            }
            if (length > buffer.byteSize()) {
                buffer = arena.allocate(length * 2);
                return Optional.empty();
            }
            // A copy: what is parsed from it outlives the next datagram.
            return Optional.of(ByteBuffer.wrap(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)));
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
        // Keys of WireGuard devices may have been in it.
        buffer.fill((byte) 0);
        arena.close();
    }
}
