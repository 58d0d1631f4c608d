package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.host.Host;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.WireGuardDevices.Peer;
import io.urvpn.host.linux.LinuxHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Against Debian's wireguard-go, which has its sockets where it was built to have them. */
@ExtendWith(NetworkNamespace.class)
class WireGuardTest {
    private static final Path SOCKETS = Path.of("/var/run/wireguard");
    private static final String PEER = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

    private final Host host = new LinuxHost();
    private final String device = "urvt" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Process> daemons = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void requireWireGuard() {
        boolean there = Files.exists(Path.of("/usr/bin/wireguard-go")) && Files.exists(Path.of("/usr/bin/wg"));
        if (!there) {
            System.err.println("SKIPPED: wireguard-go and wireguard-tools are not installed");
        }
        Assumptions.assumeTrue(there, "wireguard-go and wireguard-tools are not installed");
    }

    @AfterEach
    void endDaemons() throws IOException, InterruptedException {
        for (Process daemon : daemons) {
            daemon.destroyForcibly().waitFor();
        }
        for (String name : List.of(device, device + "b")) {
            Files.deleteIfExists(SOCKETS.resolve(name + ".sock"));
        }
    }

    private Process daemon(String name) throws IOException {
        Process daemon = new ProcessBuilder("wireguard-go", "-f", name)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        daemons.add(daemon);
        await().until(() -> Files.exists(SOCKETS.resolve(name + ".sock")));
        return daemon;
    }

    private String key(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, Command.line("wg genkey"));
        return Command.feed(Files.readString(file), "wg", "pubkey").strip();
    }

    @Test
    void peersAreReadAndRemoved() throws IOException {
        daemon(device);
        key("own");
        Command.line("wg set " + device + " private-key " + directory.resolve("own"));
        assertThat(host.wireGuard().peers(SOCKETS, device)).contains(List.of());

        Files.writeString(directory.resolve("psk"), Command.line("wg genpsk"));
        Command.line("wg set " + device + " peer " + PEER + " preshared-key " + directory.resolve("psk")
                + " endpoint 127.0.0.1:51999 persistent-keepalive 25 allowed-ips 10.8.0.0/24,fd00::/8");
        assertThat(host.wireGuard().peers(SOCKETS, device).orElseThrow())
                .singleElement()
                .satisfies(peer -> {
                    assertThat(peer.publicKey()).isEqualTo(PEER);
                    assertThat(peer.endpoint()).isEqualTo("127.0.0.1:51999");
                    assertThat(peer.persistentKeepaliveSeconds()).isEqualTo(25);
                    assertThat(peer.lastHandshake()).isEmpty();
                });

        assertThat(host.wireGuard().disconnect(SOCKETS, device)).isTrue();
        assertThat(Command.line("wg show " + device + " peers")).isEmpty();
        assertThat(host.wireGuard().disconnect(SOCKETS, device)).isTrue();
    }

    @Test
    void aHandshakeAndItsBytesAreSeen() throws IOException {
        String other = device + "b";
        daemon(device);
        daemon(other);
        String ours = key("own");
        String theirs = key("other");
        Command.line("wg set " + other + " listen-port 51998 private-key " + directory.resolve("other") + " peer "
                + ours + " allowed-ips 10.8.0.1/32");
        Command.line("ip link set " + other + " up");
        Command.line("ip link set " + device + " up");
        Instant before = Instant.now().minusSeconds(1);
        Command.line("wg set " + device + " private-key " + directory.resolve("own") + " peer " + theirs
                + " endpoint 127.0.0.1:51998 persistent-keepalive 1 allowed-ips 10.8.0.2/32");

        await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> {
            Peer peer = host.wireGuard().peers(SOCKETS, device).orElseThrow().getFirst();
            assertThat(peer.lastHandshake())
                    .hasValueSatisfying(time -> assertThat(time).isAfter(before));
            assertThat(peer.receivedBytes()).isPositive();
            assertThat(peer.sentBytes()).isPositive();
        });
    }

    @Test
    void aDaemonThatIsStoppedHoldsNobodyUp() throws IOException {
        Process daemon = daemon(device);
        Command.line("kill -STOP " + daemon.pid());
        Instant start = Instant.now();
        assertThat(host.wireGuard().peers(SOCKETS, device)).isEmpty();
        assertThat(host.wireGuard().disconnect(SOCKETS, device)).isFalse();
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(8));

        Command.line("kill -CONT " + daemon.pid());
        assertThat(host.wireGuard().peers(SOCKETS, device)).isPresent();
    }

    @Test
    void noSocketOrNobodyBehindItIsNoDevice() throws Exception {
        assertThat(host.wireGuard().peers(SOCKETS, device)).isEmpty();
        assertThat(host.wireGuard().disconnect(SOCKETS, device)).isFalse();

        daemon(device).destroyForcibly().waitFor();
        assertThat(SOCKETS.resolve(device + ".sock")).exists();
        assertThat(host.wireGuard().peers(SOCKETS, device)).isEmpty();
        assertThat(host.wireGuard().disconnect(SOCKETS, device)).isFalse();
        assertThat(host.files().delete(SOCKETS.resolve(device + ".sock"))).isTrue();
    }

    @Test
    void theHolderOfATunIsKnownByIt() throws IOException {
        Process daemon = daemon(device);
        NodeProcess process = host.processes().scan().processes().stream()
                .filter(each -> each.pid() == daemon.pid())
                .findFirst()
                .orElseThrow();
        assertThat(host.processes().holdsTun(process, device)).isTrue();
        assertThat(host.processes().holdsTun(process, device + "x")).isFalse();
        assertThat(host.links().named(device).orElseThrow().kind()).isEqualTo("tun");
    }
}
