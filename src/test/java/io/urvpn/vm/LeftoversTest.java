package io.urvpn.vm;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interfaces of the kernel stay when whoever made them is dead: what is ours is found and goes, what is not stays. */
@ExtendWith(NetworkNamespace.class)
class LeftoversTest {
    private static final String ADDED = "link add";
    private static final String MARKED = "link set " + WireGuardNode.MAKING + " alias";
    private static final String NAMED = "link set " + WireGuardNode.MAKING + " name";

    @TempDir
    private Path directory;

    private WireGuardNode node;
    private String before;

    @BeforeEach
    void makeNode() throws Exception {
        node = new WireGuardNode(directory);
        before = WireGuardNode.kernel();
    }

    @AfterEach
    void close() {
        if (node != null) {
            node.close();
        }
    }

    private void assertDetachIsClean() {
        Verdict verdict = node.detach().verify(1);
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
    }

    @Test
    void theInterfaceOfAKilledLauncherIsFoundAndRemoved() {
        node.up().kill();
        assertThat(WireGuardNode.hasLink(WireGuardNode.LINK)).isTrue();

        assertDetachIsClean();

        assertThat(WireGuardNode.kernel()).isEqualTo(before);
        assertThat(node.runtime()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDED, MARKED, NAMED})
    void anInterfaceThatALauncherWasKilledWhileMakingIsFoundAndRemoved(String lastCommand) {
        node.killedAfter(lastCommand);
        assertThat(WireGuardNode.kernel()).isNotEqualTo(before);
        node.agent.settle();
        assertThat(node.agent.status().permittedPodUid()).isEqualTo(WireGuardNode.POD);

        node.agent.restart();
        assertDetachIsClean();

        assertThat(node.agent.status().detach().components())
                .filteredOn(status -> status.component() == Component.VPN_DISCONNECT)
                .singleElement()
                .satisfies(status ->
                        assertThat(status.evidence().interfacesRemoved()).isEqualTo(1));
        assertThat(WireGuardNode.kernel()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {ADDED, MARKED, NAMED})
    void theNextLauncherGoesOnWhereOneWasKilled(String lastCommand) {
        node.killedAfter(lastCommand);
        boolean named = WireGuardNode.hasLink(WireGuardNode.LINK);
        String index = WireGuardNode.index(named ? WireGuardNode.LINK : WireGuardNode.MAKING);

        node.up();

        assertThat(WireGuardNode.index(WireGuardNode.LINK)).isEqualTo(index);
        assertThat(WireGuardNode.hasLink(WireGuardNode.MAKING)).isFalse();
    }

    @Test
    void theNextLauncherTakesUpTheInterfaceOfOneThatWasKilled() {
        node.up().kill();
        String kernel = WireGuardNode.kernel();
        String index = WireGuardNode.index(WireGuardNode.LINK);

        Launcher next = node.launch();
        await().atMost(WireGuardNode.LONG).until(() -> next.said().contains("the tunnel is up"));
        node.awaitReason(Reasons.UP);

        assertThat(WireGuardNode.index(WireGuardNode.LINK)).isEqualTo(index);
        assertThat(WireGuardNode.kernel()).isEqualTo(kernel);
        assertThat(node.agent.status().repairs()).isNull();
        next.terminate();
        assertThat(WireGuardNode.hasLink(WireGuardNode.LINK)).isFalse();
    }

    @Test
    void aWireGuardInterfaceOfSomebodyElseWithTheNameIsLeftAlone() {
        node.up().kill();
        Command.line("ip link del " + WireGuardNode.LINK);
        Command.line("ip link add " + WireGuardNode.LINK + " type wireguard");
        Command.line("ip link set " + WireGuardNode.LINK + " alias somebodys");
        Command.line("wg set " + WireGuardNode.LINK + " listen-port 4500");
        String foreign = Command.line("ip -d link show " + WireGuardNode.LINK) + Command.line("wg show all dump");

        Launcher next = node.launch();
        await().atMost(WireGuardNode.LONG).until(() -> next.said().contains("not ours: it is left alone"));
        node.awaitReason(Reasons.INTERFACE_NAME_TAKEN);
        next.terminate();

        assertDetachIsClean();
        assertThat(Command.line("ip -d link show " + WireGuardNode.LINK) + Command.line("wg show all dump"))
                .isEqualTo(foreign);
    }

    @Test
    void aWireGuardInterfaceOfItsNameThatNobodyMarkedIsLeftAloneAndNotCalledClean() {
        node.up().kill();
        Command.line("ip link del " + WireGuardNode.LINK);
        Command.line("ip link add " + WireGuardNode.LINK + " type wireguard");
        String index = WireGuardNode.index(WireGuardNode.LINK);

        Verdict verdict = node.detach().verify(1);

        assertThat(verdict.clean()).isFalse();
        assertThat(verdict.errorCode()).isEqualTo(ErrorCodes.LEFTOVER);
        assertThat(verdict.failed()).containsExactly(Component.VPN_DISCONNECT);
        assertThat(verdict.report().vpn().details())
                .contains("interface " + WireGuardNode.LINK)
                .contains(index);
        assertThat(WireGuardNode.index(WireGuardNode.LINK)).isEqualTo(index);

        Command.line("ip link del " + WireGuardNode.LINK);
        assertThat(node.verify(2).clean()).isTrue();
    }

    @Test
    void anInterfaceOfAnotherKindWithTheNameOfTheMakingIsLeftAlone() {
        Command.line("ip link add " + WireGuardNode.MAKING + " type dummy");
        String with = WireGuardNode.kernel();
        node.agent.pass();
        Launcher launcher = node.launch();
        node.awaitReason(Reasons.WAITING_FOR_INTERFACE);
        await().atMost(WireGuardNode.LONG).until(() -> launcher.said().contains("not ours: it is left alone"));
        launcher.terminate();

        assertDetachIsClean();

        assertThat(WireGuardNode.kernel()).isEqualTo(with);
    }

    @Test
    void anXfrmInterfaceWithOurAliasIsRemovedAndAnotherStays() {
        Command.ipBatch("""
                link add foreign1 type xfrm dev lo if_id 41
                link set foreign1 alias urvpn:ffffffff-1111-4222-8333-444455556666
                """);
        String with = WireGuardNode.kernel();
        Launcher launcher = node.up();
        Command.ipBatch("""
                link add left0 type xfrm dev lo if_id 42
                link set left0 alias urvpn:%s
                """.formatted(UID));
        launcher.terminate();

        assertDetachIsClean();

        assertThat(WireGuardNode.kernel()).isEqualTo(with);
    }
}
