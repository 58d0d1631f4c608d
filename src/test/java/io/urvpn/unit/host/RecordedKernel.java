package io.urvpn.unit.host;

import io.urvpn.host.linux.ErrnoException;
import io.urvpn.host.linux.Netlink;
import io.urvpn.host.linux.NetlinkMessage;
import io.urvpn.host.linux.NetlinkTransport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Answers each request of netlink by what was recorded of a real kernel, and keeps what it was asked and what it gave. The
 * recordings are of a little-endian machine.
 */
final class RecordedKernel {
    private static final int PORT = 4242;

    final List<String> asked = new ArrayList<>();
    final List<ByteBuffer> given = new ArrayList<>();
    private final Deque<List<byte[]>> answers = new ArrayDeque<>();

    /** The messages of a file under src/test/resources/netlink. */
    static List<byte[]> recording(String name) {
        try (InputStream stream = RecordedKernel.class.getResourceAsStream("/netlink/" + name)) {
            return new String(stream.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(HexFormat.of()::parseHex)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One message as a conversation's parser gives it. */
    static NetlinkMessage message(byte[] recorded) {
        return NetlinkMessage.parse(ByteBuffer.wrap(recorded)).getFirst();
    }

    /** The next request is a dump, and has these. */
    RecordedKernel dumps(List<byte[]> messages) {
        List<byte[]> all = new ArrayList<>(messages);
        all.add(status(NetlinkMessage.DONE, 0));
        answers.add(all);
        return this;
    }

    /** The next request has one answer. */
    RecordedKernel answers(byte[] message) {
        answers.add(List.of(message, status(NetlinkMessage.ERROR, 0)));
        return this;
    }

    /** The next request is acknowledged, or refused by an error's number. */
    RecordedKernel replies(int errno) {
        answers.add(List.of(status(NetlinkMessage.ERROR, errno)));
        return this;
    }

    private static byte[] status(int type, int errno) {
        return ByteBuffer.allocate(NetlinkMessage.HEADER + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(NetlinkMessage.HEADER + 4)
                .putShort((short) type)
                .putShort((short) 0)
                .putLong(0)
                .putInt(-errno)
                .array();
    }

    /** Conversations with it. */
    Netlink netlink(int family) {
        return new Netlink((opened, groups) -> new Replay(), family, 1);
    }

    /** Conversations with a kernel that has no such family. */
    static Netlink withoutFamily(int family, int errno) {
        return new Netlink(
                (opened, groups) -> {
                    throw new ErrnoException(errno, "socket");
                },
                family,
                1);
    }

    private final class Replay implements NetlinkTransport {
        private final Deque<byte[]> datagrams = new ArrayDeque<>();
        private int sequence;

        @Override
        public int port() {
            return PORT;
        }

        @Override
        public void send(byte[] message) {
            ByteBuffer request = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
            sequence = request.getInt(8);
            asked.add(HexFormat.of().formatHex(request.putInt(8, 0).array()));
            datagrams.addAll(answers.remove());
        }

        @Override
        public Optional<ByteBuffer> receive() {
            ByteBuffer datagram = ByteBuffer.wrap(datagrams.remove().clone()).order(ByteOrder.LITTLE_ENDIAN);
            datagram.putInt(8, sequence).putInt(12, PORT);
            given.add(datagram);
            return Optional.of(datagram);
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
