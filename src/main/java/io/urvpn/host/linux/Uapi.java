package io.urvpn.host.linux;

import io.urvpn.host.WireGuardDevices.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * WireGuard's cross-platform user-space interface: lines of {@code key=value} over a Unix socket, an empty line at the end
 * (https://www.wireguard.com/xplatform/).
 */
public final class Uapi {
    private static final Set<String> SECRET = Set.of("private_key", "preshared_key");
    private static final int MAX_ANSWER = 16 * 1024 * 1024;
    private static final int CHUNK = 16 * 1024;

    private final Duration timeout;

    /**
     * With a limit to every exchange.
     *
     * @param timeout a daemon that is stopped or hangs takes this long
     */
    public Uapi(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * The device's peers.
     *
     * @throws IOException where the socket is not there, nobody answers in time, or the answer is an error
     */
    public List<Peer> peers(Path socket) throws IOException {
        byte[] answer = exchange(socket, "get=1\n\n");
        try {
            return parse(answer);
        } finally {
            Arrays.fill(answer, (byte) 0);
        }
    }

    /** Removes every peer. */
    public void removePeers(Path socket) throws IOException {
        parse(exchange(socket, "set=1\nreplace_peers=true\n\n"));
    }

    /** Closing the channel from a second thread ends whatever the first one waits for in it. */
    private byte[] exchange(Path socket, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread limit = Thread.ofVirtual().start(() -> closeAfterTimeout(channel));
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                return answer(channel);
            } finally {
                limit.interrupt();
            }
        }
    }

    private void closeAfterTimeout(SocketChannel channel) {
        try {
            Thread.sleep(timeout);
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            System.getLogger(Uapi.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a socket that took too long", e);
        }
    }

    private static byte[] answer(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
        while (channel.read(bytes) >= 0) {
            int end = bytes.position();
            if (end >= 2 && bytes.get(end - 1) == '\n' && bytes.get(end - 2) == '\n') {
                byte[] answer = Arrays.copyOf(bytes.array(), end);
                Arrays.fill(bytes.array(), (byte) 0);
                return answer;
            }
            if (!bytes.hasRemaining()) {
                bytes = larger(bytes);
            }
        }
        throw new IOException("the daemon ended its answer early");
    }

    private static ByteBuffer larger(ByteBuffer full) throws IOException {
        if (full.capacity() >= MAX_ANSWER) {
            throw new IOException("the daemon's answer is longer than " + MAX_ANSWER + " bytes");
        }
        ByteBuffer larger = ByteBuffer.allocate(full.capacity() * 2).put(full.array());
        Arrays.fill(full.array(), (byte) 0);
        return larger;
    }

    /**
     * Peers of an answer. The values of secret keys are passed over as bytes; no String of them is ever made.
     *
     * @throws IOException where it says another error than 0
     */
    public static List<Peer> parse(byte[] answer) throws IOException {
        List<Peer> peers = new ArrayList<>();
        PeerLines current = null;
        int start = 0;
        while (start < answer.length) {
            int end = indexOf(answer, '\n', start, answer.length);
            int equals = indexOf(answer, '=', start, end);
            String key = new String(answer, start, equals - start, StandardCharsets.US_ASCII);
            if (equals < end && !SECRET.contains(key)) {
                String value = new String(answer, equals + 1, end - equals - 1, StandardCharsets.UTF_8);
                if (key.equals("errno") && !value.equals("0")) {
                    throw new IOException("the daemon answered errno " + value);
                }
                if (key.equals("public_key")) {
                    Optional.ofNullable(current).map(PeerLines::peer).ifPresent(peers::add);
                    current = new PeerLines(value);
                } else if (current != null) {
                    current.put(key, value);
                }
            }
            start = end + 1;
        }
        Optional.ofNullable(current).map(PeerLines::peer).ifPresent(peers::add);
        return peers;
    }

    /** The first such byte, or the end where there is none. */
    private static int indexOf(byte[] bytes, char wanted, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    /** A peer as its lines come in. */
    private static final class PeerLines {
        private final ByteArrayOutputStream key = new ByteArrayOutputStream();
        private String endpoint = "";
        private long handshakeSeconds;
        private long handshakeNanos;
        private long received;
        private long sent;
        private int keepalive;

        PeerLines(String hexKey) {
            key.writeBytes(HexFormat.of().parseHex(hexKey));
        }

        void put(String name, String value) {
            switch (name) {
                case "endpoint" -> endpoint = value;
                case "last_handshake_time_sec" -> handshakeSeconds = Long.parseLong(value);
                case "last_handshake_time_nsec" -> handshakeNanos = Long.parseLong(value);
                case "rx_bytes" -> received = Long.parseUnsignedLong(value);
                case "tx_bytes" -> sent = Long.parseUnsignedLong(value);
                case "persistent_keepalive_interval" -> keepalive = Integer.parseInt(value);
                default -> {
                    // Allowed networks and what later versions add.
                }
            }
        }

        Peer peer() {
            Optional<Instant> handshake = handshakeSeconds == 0 && handshakeNanos == 0
                    ? Optional.empty()
                    : Optional.of(Instant.ofEpochSecond(handshakeSeconds, handshakeNanos));
            String publicKey = Base64.getEncoder().encodeToString(key.toByteArray());
            return new Peer(publicKey, endpoint, handshake, received, sent, keepalive);
        }
    }
}
