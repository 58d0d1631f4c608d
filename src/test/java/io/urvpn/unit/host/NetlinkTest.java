package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.host.HostException;
import io.urvpn.host.linux.Errno;
import io.urvpn.host.linux.ErrnoException;
import io.urvpn.host.linux.Netlink;
import io.urvpn.host.linux.NetlinkMessage;
import io.urvpn.host.linux.NetlinkRequest;
import io.urvpn.host.linux.NetlinkTransport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Conversations over a transport that replays datagrams. */
class NetlinkTest {
    /** What the kernel sends next, for a request of that sequence number. */
    @FunctionalInterface
    private interface Datagram {
        Optional<ByteBuffer> apply(int sequence);
    }

    private static final int PORT = 4242;
    private static final int ROUTE = 24;
    private static final int INTERRUPTED = NetlinkMessage.F_DUMP_INTERRUPTED;

    private final Deque<List<Datagram>> conversations = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final Netlink netlink = new Netlink((family, groups) -> new Replay(groups), NetlinkTransport.ROUTE, 3);

    /** Each socket that is opened replays the next conversation; datagrams are made for the sequence of the request. */
    private final class Replay implements NetlinkTransport {
        private final Deque<Datagram> datagrams = new ArrayDeque<>(conversations.remove());
        private int sequence;

        Replay(int groups) {
            log.add("open " + groups);
        }

        @Override
        public int port() {
            return PORT;
        }

        @Override
        public void send(byte[] message) {
            sequence = ByteBuffer.wrap(message).order(ByteOrder.nativeOrder()).getInt(8);
        }

        @Override
        public Optional<ByteBuffer> receive() {
            return datagrams.remove().apply(sequence);
        }

        @Override
        public void close() {
            log.add("close");
        }
    }

    private void replays(Datagram... datagrams) {
        conversations.add(List.of(datagrams));
    }

    private static Datagram message(int type, int flags, int... payload) {
        return sequence -> Optional.of(bytes(type, flags, sequence, PORT, payload));
    }

    private static ByteBuffer bytes(int type, int flags, int sequence, int port, int... payload) {
        int length = 16 + payload.length * 4;
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        bytes.putInt(length)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(port);
        for (int word : payload) {
            bytes.putInt(word);
        }
        return bytes.flip();
    }

    private static Datagram route(int number) {
        return message(ROUTE, 2, number);
    }

    private static Datagram done() {
        return message(NetlinkMessage.DONE, 2, 0);
    }

    private List<Integer> dump() {
        return netlink.dump("routes", new NetlinkRequest(26, NetlinkMessage.F_DUMP), 64).stream()
                .map(message -> message.payload().getInt(0))
                .toList();
    }

    @Test
    void aDumpHasEveryMessageUpToItsEnd() {
        replays(route(1), route(2), done());
        assertThat(dump()).containsExactly(1, 2);
        assertThat(log).containsExactly("open 64", "close");
    }

    @Test
    void aDumpThatTheKernelSaysWasInterruptedIsBegunAgain() {
        replays(route(1), message(ROUTE, 2 | INTERRUPTED, 9), done());
        replays(route(1), message(NetlinkMessage.DONE, 2 | INTERRUPTED, 0));
        replays(route(1), route(2), route(3), done());
        assertThat(dump()).containsExactly(1, 2, 3);
        assertThat(log).hasSize(6);
    }

    @Test
    void aDumpDuringWhichAChangeIsToldIsBegunAgain() {
        replays(route(1), sequence -> Optional.of(bytes(25, 0, 0, 0, 9)), done());
        replays(route(1), sequence -> Optional.of(bytes(25, 0, sequence, PORT + 1, 9)), done());
        replays(route(1), done());
        assertThat(dump()).containsExactly(1);
    }

    /** Of a state of IPsec such a change carries the keys. */
    @Test
    void whatIsReadIsErasedAndSoIsTheChangeThatInterruptsIt() {
        List<ByteBuffer> given = new ArrayList<>();
        replays(kept(given, route(1)), kept(given, sequence -> Optional.of(bytes(25, 0, 0, 0, 9))));
        replays(kept(given, route(2)), kept(given, done()));

        assertThat(netlink.read(
                        "routes",
                        new NetlinkRequest(26, NetlinkMessage.F_DUMP),
                        64,
                        message -> Optional.of(message.payload().getInt(0))))
                .containsExactly(2);
        assertThat(given)
                .hasSize(4)
                .allSatisfy(datagram -> assertThat(datagram.array()).containsOnly(0));
    }

    private static Datagram kept(List<ByteBuffer> given, Datagram datagram) {
        return sequence -> {
            Optional<ByteBuffer> bytes = datagram.apply(sequence);
            bytes.ifPresent(given::add);
            return bytes;
        };
    }

    @Test
    void anOverrunOrATruncatedDatagramIsBegunAgain() {
        replays(route(1), sequence -> {
            throw new ErrnoException(Errno.ENOBUFS, "recvfrom");
        });
        replays(route(1), sequence -> Optional.empty());
        replays(route(7), done());
        assertThat(dump()).containsExactly(7);
    }

    @Test
    void afterTheLastAttemptItIsAnErrorAndNotAShorterList() {
        for (int i = 0; i < 3; i++) {
            replays(route(1), message(NetlinkMessage.DONE, 2 | INTERRUPTED, 0));
        }
        assertThatThrownBy(this::dump)
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.OTHER))
                .hasMessageContaining("routes")
                .hasMessageContaining("3 times");
    }

    @Test
    void anErrorInADumpOrAtItsEndIsThrown() {
        replays(route(1), message(NetlinkMessage.ERROR, 0, -Errno.EPERM));
        replays(route(1), message(NetlinkMessage.DONE, 2, -Errno.EACCES));
        for (String name : List.of("EPERM", "EACCES")) {
            assertThatThrownBy(this::dump)
                    .isInstanceOfSatisfying(
                            HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.DENIED))
                    .hasMessageContaining("dump of routes")
                    .hasMessageContaining(name);
        }
    }

    @Test
    void aChangeIsDoneWhenItIsAcknowledgedAndNoSooner() {
        replays(
                sequence -> Optional.of(bytes(NetlinkMessage.ERROR, 0, sequence - 1, PORT, -Errno.EPERM)),
                message(NetlinkMessage.ERROR, 0, 0));
        netlink.change(new NetlinkRequest(24, 4));
        assertThat(log).containsExactly("open 0", "close");
    }

    @Test
    void aRefusalCarriesTheKernelsOwnSentence() {
        // error, header of the request, attribute of 8 bytes and type 1: "why"
        int flags = NetlinkMessage.F_CAPPED | NetlinkMessage.F_ACK_TLVS;
        replays(message(NetlinkMessage.ERROR, flags, -17, 16, 24, 1, 0, 0x00010008, 0x00796877));
        assertThatThrownBy(() -> netlink.change(new NetlinkRequest(24, 4)))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
                .hasMessage("EEXIST (why)");
    }
}
