package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.host.Host;
import io.urvpn.host.linux.LinuxHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Where the kernel has WireGuard; elsewhere it is skipped, and says so. */
@ExtendWith(NetworkNamespace.class)
class KernelWireGuardTest {
    private static final Path NO_SOCKETS = Path.of("/nonexistent");
    private static final String PEER = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

    private final Host host = new LinuxHost();

    @Test
    void peersAreReadAndRemoved(@TempDir Path directory) throws IOException {
        requireKernelWireGuard();
        Files.writeString(directory.resolve("key"), Command.line("wg genkey"));
        Command.line("wg set urv0 private-key " + directory.resolve("key") + " peer " + PEER
                + " endpoint 127.0.0.1:51999 persistent-keepalive 25 allowed-ips 10.8.0.0/24,fd00::/8");

        assertThat(host.wireGuard().peers(NO_SOCKETS, "urv0").orElseThrow())
                .singleElement()
                .satisfies(peer -> {
                    assertThat(peer.publicKey()).isEqualTo(PEER);
                    assertThat(peer.endpoint()).isEqualTo("127.0.0.1:51999");
                    assertThat(peer.persistentKeepaliveSeconds()).isEqualTo(25);
                    assertThat(peer.lastHandshake()).isEmpty();
                });
        assertThat(host.wireGuard().disconnect(NO_SOCKETS, "urv0")).isTrue();
        assertThat(Command.line("wg show urv0 peers")).isEmpty();
    }

    private static void requireKernelWireGuard() {
        boolean there = true;
        try {
            Command.line("ip link add urv0 type wireguard");
        } catch (IllegalStateException e) {
            there = false;
            System.err.println(
                    "SKIPPED: this kernel has no WireGuard (" + e.getMessage().strip() + ")");
        }
        Assumptions.assumeTrue(there, "this kernel has no WireGuard");
    }
}
