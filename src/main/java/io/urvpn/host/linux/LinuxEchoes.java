package io.urvpn.host.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Echoes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.Arrays;

/** Echo requests by raw sockets, one a request: a connected one would keep the source address that it began with. */
final class LinuxEchoes implements Echoes {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int SOL_RAW = 255;
    /** ICMP_FILTER of linux/icmp.h and ICMPV6_FILTER of linux/icmpv6.h. */
    private static final int FILTER = 1;

    private static final int NONCE = 16;
    private static final int BUFFER = 2048;
    private static final SecureRandom RANDOM = new SecureRandom();

    @Override
    public Echo send(int ifindex, IpPrefix address) {
        boolean v6 = address.v6();
        try {
            int fd = Libc.socket(
                    v6 ? AF_INET6 : AF_INET, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
            SentEcho echo = new SentEcho(fd, v6);
            try {
                Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_BINDTOIFINDEX, ifindex);
                repliesOnly(fd, v6);
                connect(fd, address, ifindex);
                Libc.send(fd, EchoMessages.request(v6, echo.identifier, echo.nonce));
                return echo;
            } catch (RuntimeException e) {
                echo.close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw Errno.refusal("an echo request to " + address.host(), e);
        }
    }

    /** A bit that is set keeps messages of that type out. */
    private static void repliesOnly(int fd, boolean v6) {
        byte[] filter = new byte[v6 ? 32 : 4];
        Arrays.fill(filter, (byte) 0xff);
        int reply = v6 ? EchoMessages.REPLY_V6 : EchoMessages.REPLY;
        // words of 32 bits in the byte order of the machine, and Linux runs us on little endian ones only
        filter[reply / 8] &= (byte) ~(1 << reply % 8);
        Libc.setsockopt(fd, v6 ? IPPROTO_ICMPV6 : SOL_RAW, FILTER, filter);
    }

    private static void connect(int fd, IpPrefix address, int ifindex) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = address.bytes();
            boolean v6 = address.v6();
            MemorySegment name = arena.allocate(v6 ? 28 : 16, 4);
            name.set(JAVA_SHORT, 0, (short) (v6 ? AF_INET6 : AF_INET));
            MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, v6 ? 8 : 4, bytes.length);
            if (v6) {
                // sin6_scope_id; link-local addresses need it, and others take no notice
                name.set(JAVA_INT, 24, ifindex);
            }
            Libc.connect(fd, name);
        }
    }

    /** Used by one thread at a time. */
    private static final class SentEcho implements Echo {
        private final int fd;
        private final boolean v6;
        private final int identifier = RANDOM.nextInt(0x10000);
        private final byte[] nonce = new byte[NONCE];
        private boolean answered;
        private boolean closed;

        SentEcho(int fd, boolean v6) {
            this.fd = fd;
            this.v6 = v6;
            RANDOM.nextBytes(nonce);
        }

        @Override
        public boolean answered() {
            while (!answered && !closed) {
                byte[] datagram;
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment buffer = arena.allocate(BUFFER);
                    long length = Libc.recvfrom(fd, buffer, Libc.MSG_DONTWAIT, arena.allocate(28, 4));
                    datagram = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                } catch (ErrnoException e) {
                    // nothing there (EAGAIN), or the network said no (EHOSTUNREACH and its kin): no answer either way
                    return false;
                }
                answered = EchoMessages.answers(v6, identifier, nonce, datagram);
            }
            return answered;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                Libc.close(fd);
            }
        }
    }
}
