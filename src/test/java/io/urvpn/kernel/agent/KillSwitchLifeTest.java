package io.urvpn.kernel.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.Neighbour;
import io.urvpn.kernel.host.NetworkNamespace;
import io.urvpn.unit.agent.AgentOnNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that sends without a break to what is behind its tunnel, and a world beyond its other link that records what of it
 * comes there.
 */
@ExtendWith(NetworkNamespace.class)
class KillSwitchLifeTest {
    private static final int KILLS = 50;
    private static final String SEEN = "packets [1-9]";

    @TempDir
    private Path directory;

    private final List<Process> senders = new ArrayList<>();
    private AgentOnNode node;
    private Neighbour world;
    private WireGuardGo peer;
    private WireGuardGo daemon;
    private String name;

    @BeforeEach
    void setUp() throws IOException {
        name = "kl" + ProcessHandle.current().pid();
        Path runtime = directory.resolve("run");
        Files.createDirectories(runtime.resolve(UID));
        Files.createSymbolicLink(runtime.resolve(UID).resolve("wireguard"), WireGuardGo.SOCKETS);
        Files.writeString(runtime.resolve(UID).resolve("request"), "pod-1\n");
        node = new AgentOnNode(new OwnProcessesHost(new LinuxHost()), directory.resolve("lib"), runtime);
        node.edit(spec -> spec.interfaceName(name)
                .addresses(List.of("10.8.0.2/24", "fd00:8::2/64"))
                .routes(List.of(new TunnelRoute("10.20.0.0/16", null), new TunnelRoute("fd00:20::/64", null)))
                .killSwitch(true));
        world = new Neighbour().linked("eth0", "eth0");
        Command.line("ip addr add 192.0.2.1/24 dev eth0");
        Command.line("ip addr add 2001:db8::1/64 dev eth0 nodad");
        world.run("ip addr add 192.0.2.5/24 dev eth0");
        world.run("ip addr add 2001:db8::5/64 dev eth0 nodad");
        Command.line("ip route add default via 192.0.2.5");
        Command.line("ip route add default via 2001:db8::5");
        world.nft("""
                table inet recorder {
                  chain c {
                    type filter hook prerouting priority raw;
                    ip daddr 10.20.0.0/16 counter
                    ip6 daddr fd00:20::/64 counter
                  }
                }
                """);
    }

    @AfterEach
    void end() {
        senders.forEach(Process::destroyForcibly);
        for (WireGuardGo each : new WireGuardGo[] {daemon, peer}) {
            if (each != null) {
                each.end();
            }
        }
        world.close();
    }

    private void send() throws IOException {
        for (String address : List.of("10.20.0.1", "fd00:20::1")) {
            senders.add(new ProcessBuilder("ping", "-q", "-i", "0.002", address)
                    .redirectErrorStream(true)
                    .redirectOutput(new File("/dev/null"))
                    .start());
        }
    }

    private String recorded() {
        return world.run("nft list chain inet recorder c");
    }

    /** As the launcher does, and the peer, in as many steps as it is let live for. */
    private void start(int steps) {
        daemon = WireGuardGo.start(name, UID);
        if (steps > 0) {
            WireGuardGo.connect(daemon, peer);
        }
        if (steps > 1) {
            Command.run("ip", "link", "set", name, "alias", "urvpn:" + UID);
        }
        for (int i = 2; i < steps; i++) {
            node.pass();
        }
    }

    private void up() {
        start(2);
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(node.pass().ready().getReason()).isEqualTo(Reasons.UP));
    }

    @Test
    void noPacketLeavesByTheOtherLinkHoweverOftenTheDaemonIsKilled() throws IOException {
        node.settle();
        send();
        peer = WireGuardGo.start("p" + name, "somebody-else");
        for (int kill = 0; kill < KILLS; kill++) {
            start(kill % 5);
            if (kill % 10 == 9) {
                node.restart();
            }
            daemon.kill();
            if (kill % 2 == 0) {
                node.pass();
            }
        }
        up();
        assertThat(recorded()).contains("packets 0").doesNotContainPattern(SEEN);

        node.order().pass();
        assertThat(node.status().detach().components())
                .extracting(ComponentStatus::status)
                .containsOnly(ComponentState.COMPLETED);
        assertThat(Command.line("nft list tables")).doesNotContain("urvpn");
        // nothing holds them back any more: they were sent all the time
        await().untilAsserted(() -> assertThat(recorded()).doesNotContain("packets 0"));
        node.ask(1).pass();
        assertThat(node.status().verdict().clean())
                .as(node.status().verdict().toString())
                .isTrue();
    }

    @Test
    void inADeletionNoPacketLeavesByTheOtherLinkBeforeTheRulesHaveGone() throws IOException {
        List<String> atTheEnd = new ArrayList<>();
        LinuxHost kernel = new LinuxHost();
        AgentOnNode before = node;
        node = new AgentOnNode(
                new OwnProcessesHost(kernel, table -> {
                    atTheEnd.add(Command.line("ip rule show") + Command.line("ip -6 rule show"));
                    atTheEnd.add(recorded());
                }),
                directory.resolve("lib"),
                directory.resolve("run"));
        node.attachment.setSpec(before.attachment.getSpec());
        node.settle();
        send();
        peer = WireGuardGo.start("p" + name, "somebody-else");
        up();
        node.order().pass();

        assertThat(node.status().detach().components())
                .extracting(ComponentStatus::error)
                .containsOnlyNulls();
        assertThat(atTheEnd).hasSize(2);
        assertThat(atTheEnd.getFirst()).doesNotContain("lookup 20000");
        assertThat(atTheEnd.getLast()).contains("packets 0").doesNotContainPattern(SEEN);
        await().untilAsserted(() -> assertThat(recorded()).doesNotContain("packets 0"));
    }
}
