package io.urvpn.vm;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import io.urvpn.unit.agent.AgentOnNode;
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

/** The life of an IPsec tunnel by agent and launcher, on a kernel that encrypts: states and policies outlive their daemon. */
@ExtendWith(NetworkNamespace.class)
class IpsecLifeTest {
    private static final String LINK = WireGuardNode.LINK;
    /** What others have: marks beside ours, none at all, and a bypass policy, which carries no reqid. */
    private static final String FOREIGN = """
            xfrm state add src 198.51.100.1 dst 198.51.100.2 proto esp spi 0x777 reqid 20001000 mode tunnel enc cipher_null \"\" if_id 20001
            xfrm policy add src 198.51.100.0/25 dst 198.51.100.128/25 dir out priority 7 if_id 20001 tmpl proto esp reqid 20001000 mode tunnel
            xfrm policy add src 198.51.100.0/24 dst 203.0.113.0/24 dir out priority 8
            xfrm policy add src 198.51.100.0/24 dst 203.0.113.128/25 dir out action block priority 9
            """;

    @TempDir
    private Path directory;

    private final List<Launcher> launchers = new ArrayList<>();
    private IpsecGateway gateway;
    private AgentOnNode agent;
    private String before;

    @BeforeEach
    void prepare() throws Exception {
        Files.createDirectories(directory.resolve("run").resolve(UID));
        Files.createDirectories(directory.resolve("bin"));
        Files.writeString(directory.resolve("tunnel.conf"), IpsecGateway.NODE_CONFIGURATION);
        Command.ipBatch(FOREIGN);
        gateway = new IpsecGateway(directory.resolve("gateway"));
        agent = new AgentOnNode(new LinuxHost(), directory.resolve("lib"), directory.resolve("run"));
        agent.edit(spec -> spec.type(VpnType.IPSEC)
                .interfaceName(LINK)
                .addresses(null)
                .masquerade(true)
                .killSwitch(true)
                .routes(List.of(new TunnelRoute("10.220.0.0/24", null), new TunnelRoute("fd00:220::/64", null))));
        before = kernel();
    }

    @AfterEach
    void close() {
        launchers.forEach(Launcher::kill);
        if (gateway != null) {
            gateway.close();
        }
    }

    private static String kernel() {
        return WireGuardNode.kernel()
                + Command.line("ip xfrm policy list nosock")
                // counters of what nobody uses do not move, but for how long it has been there
                + Command.line("ip xfrm state list nokeys");
    }

    private Launcher up() {
        agent.pass();
        Launcher launcher = Launcher.start(
                directory.resolve("bin"),
                List.of(
                        "URVPN_INSTANCE_UID=" + UID,
                        "URVPN_INSTANCE_NAME=office",
                        "URVPN_TYPE=IPsec",
                        "URVPN_INTERFACE=" + LINK,
                        "URVPN_DIRECTORY=" + directory.resolve("run").resolve(UID),
                        "URVPN_CONFIG=" + directory.resolve("tunnel.conf")),
                WireGuardNode.POD,
                directory.resolve("log-" + launchers.size()));
        launchers.add(launcher);
        await().atMost(WireGuardNode.LONG)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(agent.pass().ready().getReason())
                        .as(launcher::said)
                        .isEqualTo(Reasons.UP));
        return launcher;
    }

    private static void carriesTraffic() {
        Command.line("ping -c 3 -i 0.2 -W 5 " + IpsecGateway.ADDRESS);
        Command.line("ping -c 3 -i 0.2 -W 5 " + IpsecGateway.ADDRESS_V6);
    }

    private static long policiesOfOurs() {
        return Command.line("ip xfrm policy list nosock")
                .lines()
                .filter(line -> line.contains("reqid 20000000"))
                .count();
    }

    @Test
    void theTunnelComesUpCarriesTrafficAndGoesWithEverythingOfIt() {
        Launcher launcher = up();

        carriesTraffic();
        assertThat(agent.status().link().kind()).isEqualTo("xfrm");
        assertThat(agent.status().connection().addresses())
                .containsExactlyInAnyOrder("10.220.0.11/32", "fd00:220::11/128");
        assertThat(agent.status().connection().endpoint()).startsWith("192.0.2.2:");
        assertThat(policiesOfOurs()).isEqualTo(6);
        String settled = kernel().replaceAll("(?s)src 192\\.0\\.2\\..*", "");
        agent.settle();
        assertThat(kernel().replaceAll("(?s)src 192\\.0\\.2\\..*", "")).isEqualTo(settled);

        agent.order();
        agent.pass();
        assertThat(agent.status().detach().components())
                .extracting(ComponentStatus::status)
                .containsOnly(ComponentState.COMPLETED);
        launcher.terminate();
        verifiedClean();
    }

    @Test
    void whatAKilledDaemonLeftIsFoundAndRemoved() {
        Launcher launcher = up();
        carriesTraffic();
        launcher.kill();
        await().atMost(WireGuardNode.LONG)
                .until(() -> Command.line("pgrep -x charon-systemd").lines().count() == 1);
        assertThat(policiesOfOurs()).as("they outlive their daemon").isEqualTo(6);

        agent.restart();
        agent.order();
        agent.pass();

        assertThat(agent.status().detach().components())
                .filteredOn(status -> status.component() == Component.VPN_DISCONNECT)
                .singleElement()
                .satisfies(status -> assertThat(status.evidence().xfrmRemoved()).isEqualTo(8));
        verifiedClean();
    }

    private void verifiedClean() {
        Verdict verdict = agent.ask(1).pass().status().verdict();
        assertThat(verdict.clean()).as(verdict.toString()).isTrue();
        assertThat(kernel()).isEqualTo(before);
        assertThat(directory.resolve("run").resolve(UID)).doesNotExist();
    }
}
