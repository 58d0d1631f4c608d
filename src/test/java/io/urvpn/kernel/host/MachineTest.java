package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.host.Machine;
import io.urvpn.host.linux.LinuxHost;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NetworkNamespace.class)
class MachineTest {
    private final Machine machine = new LinuxHost().machine();

    @Test
    void theBootIdIsThatOfTheNodesInit() {
        String script =
                "cat /proc/1/root/$FILE 2>/dev/null || cat /$FILE".replace("$FILE", "proc/sys/kernel/random/boot_id");
        assertThat(machine.bootId()).isEqualTo(Command.run("sh", "-c", script).strip());
    }

    @Test
    void whatTheKernelCanDoIsRead() {
        Machine.Capabilities capabilities = machine.capabilities();
        assertThat(capabilities.tun()).isEqualTo(Files.exists(Path.of("/dev/net/tun")));
        assertThat(capabilities.nftables()).isTrue();
        assertThat(capabilities.xfrm()).isEqualTo(Files.exists(Path.of("/proc/net/xfrm_stat")));
        if (Files.exists(Path.of("/sys/module/wireguard"))) {
            assertThat(capabilities.kernelWireGuard()).isTrue();
        }
    }

    @Test
    void aConnectionIsMadeOrNot() throws Exception {
        Duration limit = Duration.ofSeconds(1);
        InetSocketAddress address;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
            assertThat(machine.reaches(address, limit)).isTrue();
        }
        assertThat(machine.reaches(address, limit)).isFalse();
        assertThat(machine.reaches(new InetSocketAddress("192.0.2.1", 6443), limit))
                .isFalse();
    }
}
