package io.urvpn.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.host.Host;
import io.urvpn.host.WireGuardDevices.Peer;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The kernel's answers over generic netlink, compared with what wg(8) prints of the same device. */
@ExtendWith(NetworkNamespace.class)
class KernelPeersTest {
    private static final Path NO_SOCKETS = Path.of("/nonexistent");
    private static final String LINK = "urv0";

    private final Host host = new LinuxHost();
    private final Random random = new Random(1);

    @Test
    void everyPeerOfADumpOfManyMessagesIsReadOnce() {
        Command.line("ip link add " + LINK + " type wireguard");
        // the first has more networks than a message of the kernel holds, so it is said again in the next
        String configuration = peer(600, "192.0.2.7:51820", 25)
                + IntStream.range(0, 200)
                        .mapToObj(i -> peer(2, i % 2 == 0 ? "[2001:db8::" + i + "]:4500" : "", i % 3))
                        .collect(Collectors.joining());
        Command.feed(configuration, "wg", "setconf", LINK, "/dev/stdin");

        List<Peer> peers = host.wireGuard().peers(NO_SOCKETS, LINK).orElseThrow();

        assertThat(peers).hasSize(201);
        assertThat(peers.stream().map(KernelPeersTest::asWgPrints))
                .containsExactlyElementsOf(Command.line("wg show " + LINK + " dump")
                        .lines()
                        .skip(1)
                        .map(line -> line.split("\t"))
                        .map(field -> String.join(" ", field[0], field[2], field[4], field[5], field[6], field[7]))
                        .toList());
    }

    @Test
    void aDeviceDisconnectsByLosingItsPeers() {
        Command.line("ip link add " + LINK + " type wireguard");
        Command.feed(peer(2, "192.0.2.7:51820", 25), "wg", "setconf", LINK, "/dev/stdin");

        assertThat(host.wireGuard().disconnect(NO_SOCKETS, LINK)).isTrue();

        assertThat(Command.line("wg show " + LINK + " peers")).isEmpty();
        assertThat(host.wireGuard().peers(NO_SOCKETS, LINK)).contains(List.of());
        Command.line("ip link del " + LINK);
        assertThat(host.wireGuard().disconnect(NO_SOCKETS, LINK)).isFalse();
        assertThat(host.wireGuard().peers(NO_SOCKETS, LINK)).isEmpty();
    }

    @Test
    void aKernelHasWireGuardWhoseModuleIsNotLoadedYet() {
        // the networks of earlier tests go a moment after them, and the devices in them
        await().atMost(WireGuardNode.LONG)
                .ignoreExceptions()
                .untilAsserted(() -> Command.line("modprobe -r wireguard"));

        assertThat(host.machine().capabilities().kernelWireGuard()).isTrue();

        assertThat(Path.of("/sys/module/wireguard")).doesNotExist();
    }

    private String peer(int networks, String endpoint, int keepalive) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return "[Peer]\nPublicKey = " + Base64.getEncoder().encodeToString(key) + "\nPersistentKeepalive = " + keepalive
                + (endpoint.isEmpty() ? "" : "\nEndpoint = " + endpoint)
                + "\nAllowedIPs = "
                + IntStream.range(0, networks)
                        .mapToObj(i -> "10.%d.%d.%d/32"
                                .formatted(random.nextInt(256), random.nextInt(256), random.nextInt(256)))
                        .collect(Collectors.joining(","))
                + "\n";
    }

    private static String asWgPrints(Peer peer) {
        return String.join(
                " ",
                peer.publicKey(),
                peer.endpoint().isEmpty() ? "(none)" : peer.endpoint(),
                peer.lastHandshake()
                        .map(time -> Long.toString(time.getEpochSecond()))
                        .orElse("0"),
                Long.toString(peer.receivedBytes()),
                Long.toString(peer.sentBytes()),
                peer.persistentKeepaliveSeconds() == 0 ? "off" : Integer.toString(peer.persistentKeepaliveSeconds()));
    }
}
