package io.urvpn.vm;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A tunnel's life on a kernel that has WireGuard. */
@ExtendWith(NetworkNamespace.class)
class KernelWireGuardTest {
    @TempDir
    private Path directory;

    private WireGuardNode node;

    @BeforeEach
    void makeNode() throws Exception {
        node = new WireGuardNode(directory);
    }

    @AfterEach
    void close() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void theTunnelComesUpCarriesTrafficAndItsStatusIsTheKernels() {
        Launcher launcher = node.up();

        Command.line("ping -c 3 -i 0.2 -W 5 " + Peer.ADDRESS);
        Command.line("ping -c 3 -i 0.2 -W 5 " + Peer.ADDRESS_V6);

        var status = node.agent.pass().status();
        assertThat(status.link().kind()).isEqualTo("wireguard");
        assertThat(status.link().index()).hasToString(WireGuardNode.index(WireGuardNode.LINK));
        assertThat(Command.line("ip -d link show " + WireGuardNode.LINK))
                .contains("wireguard")
                .contains("mtu 1420")
                .contains("alias urvpn:" + UID);
        assertThat(status.peers()).singleElement().satisfies(peer -> {
            // private key, public key, endpoint ... as wg(8) prints them: key psk endpoint allowed handshake rx tx
            String[] wg = Command.line("wg show " + WireGuardNode.LINK + " dump")
                    .lines()
                    .toList()
                    .getLast()
                    .split("\t");
            assertThat(peer.publicKey()).isEqualTo(wg[0]);
            assertThat(peer.endpoint()).isEqualTo(wg[2]).isEqualTo(Peer.ENDPOINT);
            assertThat(peer.lastHandshakeAt().getEpochSecond()).hasToString(wg[4]);
            assertThat(peer.lastHandshakeAt()).isAfter(Instant.now().minus(Duration.ofMinutes(2)));
            assertThat(peer.receivedBytes()).isBetween(6 * 84L, Long.valueOf(wg[5]));
            assertThat(peer.sentBytes()).isBetween(6 * 84L, Long.valueOf(wg[6]));
        });
        assertThat(launcher.said()).doesNotContain("wireguard-go");

        String before = WireGuardNode.kernel();
        node.agent.settle();
        assertThat(WireGuardNode.kernel()).isEqualTo(before);
        assertThat(node.agent.status().repairs()).isNull();
    }

    @Test
    void aDetachLeavesOnlyWhatIsForeign() {
        String before = WireGuardNode.kernel();
        Launcher launcher = node.up();
        assertThat(WireGuardNode.kernel()).isNotEqualTo(before);

        node.detach();

        assertThat(node.agent.status().detach().components())
                .extracting(ComponentStatus::status)
                .containsOnly(ComponentState.COMPLETED);
        assertThat(WireGuardNode.kernel()).isEqualTo(before);

        launcher.terminate();
        Verdict verdict = node.verify(1);
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(WireGuardNode.kernel()).isEqualTo(before);
        assertThat(node.runtime()).doesNotExist();
        assertThat(node.state()).doesNotExist();
    }

    @Test
    void theLauncherMakesNothingAgainWhileTheTunnelIsTakenDown() {
        String before = WireGuardNode.kernel();
        Launcher launcher = node.up();

        node.detach();

        await().atMost(WireGuardNode.LONG).until(() -> launcher.said().contains("waiting for the agent's permit"));
        assertThat(WireGuardNode.kernel()).isEqualTo(before);
    }

    @Test
    void anInterfaceThatSomebodyRemovedComesAgainWithEverythingOnIt() {
        node.up();
        String before = WireGuardNode.kernel();
        String index = WireGuardNode.index(WireGuardNode.LINK);
        Command.line("ip link del " + WireGuardNode.LINK);
        // the launcher is quick, so that the agent may never see that there is none
        await().atMost(WireGuardNode.LONG)
                .ignoreExceptions()
                .until(() -> !WireGuardNode.index(WireGuardNode.LINK).equals(index));

        node.awaitReason(Reasons.UP);

        assertThat(WireGuardNode.kernel()).isEqualTo(before);
        assertThat(node.agent.status().repairs().count()).isEqualTo(1);
    }
}
