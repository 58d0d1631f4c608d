package io.urvpn.fake;

import io.urvpn.host.Link;
import io.urvpn.host.WireGuardDevices;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** WireGuard devices in memory. */
public final class FakeWireGuard implements WireGuardDevices {
    private final FakeHost node;
    private final TreeMap<String, List<Peer>> peers = new TreeMap<>();

    FakeWireGuard(FakeHost node) {
        this.node = node;
    }

    /** Puts a peer's state in the place of what was there for its public key; as traffic and handshakes do. */
    public void set(String interfaceName, Peer peer) {
        synchronized (node) {
            take(interfaceName, peer.publicKey());
            peers.computeIfAbsent(interfaceName, name -> new ArrayList<>()).add(peer);
        }
    }

    void parse(Words words) {
        String interfaceName = words.next();
        String key = words.next();
        String endpoint = "";
        Optional<Instant> handshake = Optional.empty();
        int received = 0;
        int sent = 0;
        int keepalive = 0;
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "endpoint" -> endpoint = words.next();
                case "handshake" -> handshake = Optional.of(Instant.parse(words.next()));
                case "rx" -> received = words.number();
                case "tx" -> sent = words.number();
                case "keepalive" -> keepalive = words.number();
                default -> throw words.unknown(word);
            }
        }
        set(interfaceName, new Peer(key, endpoint, handshake, received, sent, keepalive));
    }

    void take(String interfaceName, String key) {
        peers.getOrDefault(interfaceName, new ArrayList<>())
                .removeIf(peer -> peer.publicKey().equals(key));
    }

    void linkGone(String interfaceName) {
        peers.remove(interfaceName);
    }

    List<String> render() {
        return peers.entrySet().stream()
                .flatMap(device -> device.getValue().stream().map(peer -> render(device.getKey(), peer)))
                .toList();
    }

    private static String render(String interfaceName, Peer peer) {
        return "peer " + interfaceName + " " + peer.publicKey()
                + (peer.endpoint().isEmpty() ? "" : " endpoint " + peer.endpoint())
                + peer.lastHandshake().map(time -> " handshake " + time).orElse("")
                + (peer.receivedBytes() == 0 ? "" : " rx " + peer.receivedBytes())
                + (peer.sentBytes() == 0 ? "" : " tx " + peer.sentBytes())
                + (peer.persistentKeepaliveSeconds() == 0 ? "" : " keepalive " + peer.persistentKeepaliveSeconds());
    }

    private boolean answers(String interfaceName) {
        return node.processes.answers("wireguard-go", interfaceName)
                || node.links.list().stream()
                        .filter(link -> link.name().equals(interfaceName))
                        .map(Link::kind)
                        .anyMatch("wireguard"::equals);
    }

    @Override
    public Optional<List<Peer>> peers(Path socketDirectory, String interfaceName) {
        synchronized (node) {
            node.reading("peers " + interfaceName);
            return answers(interfaceName)
                    ? Optional.of(List.copyOf(peers.getOrDefault(interfaceName, List.of())))
                    : Optional.empty();
        }
    }

    @Override
    public boolean disconnect(Path socketDirectory, String interfaceName) {
        synchronized (node) {
            node.acting("disconnect " + interfaceName);
            boolean answers = answers(interfaceName);
            if (answers) {
                peers.remove(interfaceName);
            }
            return answers;
        }
    }
}
