package io.urvpn.unit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.unit.cli.Plugin.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl vpn status}, {@code nodes} and {@code orphans}. */
class StatusTest {
    private static final Duration LATELY = Duration.ofSeconds(200);

    @TempDir
    private Path directory;

    private Plugin plugin;

    @BeforeEach
    void start() {
        plugin = new Plugin(directory);
    }

    @AfterEach
    void stop() {
        plugin.close();
    }

    @Test
    void statusShowsEachTunnelByNodeAndTheSumOfTheInstance() {
        plugin.there(Cluster.instance(), Cluster.waiting("n2"), Cluster.up("n1"));
        Run run = plugin.run("status");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        "office (WireGuard): ready on 1 of 2 nodes, received 4.0 MiB, sent 2.0 KiB",
                        "  NODE   PHASE                 SINCE   HANDSHAKE   ENDPOINT            RECEIVED   SENT     "
                                + " ADDRESS",
                        "  n1     Up                    12m     3m ago      203.0.113.1:51820   3.0 MiB    2.0 KiB  "
                                + " 10.8.0.2/24",
                        "  n2     WaitingForHandshake   3h      -           -                   1.0 MiB    0 B      "
                                + " 10.8.0.2/24",
                        "  n2: no peer has answered yet",
                        "  n2: last error 5m ago: no route?[2J to host");
        assertThat(plugin.run("status", "office").out()).isEqualTo(run.out());
    }

    @Test
    void statusAsJsonHasTimesAndNumbers() throws Exception {
        plugin.there(Cluster.instance(), Cluster.up("n1"));
        JsonNode office = Serialization.mapper()
                .readTree(plugin.run("status", "office", "-o", "json").out())
                .at("/instances/0");
        assertThat(office.at("/state").asText()).isEqualTo("Active");
        assertThat(office.at("/ready").asInt()).isEqualTo(1);
        assertThat(office.at("/receivedBytes").asLong()).isEqualTo(3L << 20);
        assertThat(office.at("/tunnels/0/phase").asText()).isEqualTo("Up");
        assertThat(Instant.parse(office.at("/tunnels/0/lastHandshakeAt").asText()))
                .isBefore(Instant.now());
    }

    @Test
    void aTunnelOnASilentNodeIsNotShownAsUp() {
        VpnInstance instance = Cluster.instance();
        instance.setStatus(VpnInstanceStatusBuilder.builder(instance.getStatus())
                .notReady(List.of(new NotReadyNode("n1", Reasons.NODE_SILENT, "the kubelet is silent")))
                .build());
        plugin.there(instance, Cluster.up("n1"));
        assertThat(plugin.run("status").out())
                .contains("ready on 0 of 2 nodes")
                .contains("n1     NodeSilent")
                .contains("n1: the kubelet is silent");
    }

    @Test
    void whatIsLeftOfADeletedInstanceIsADebt() {
        plugin.there(Cluster.waiting("n2"));
        assertThat(plugin.run("status").out()).startsWith("office (WireGuard): deleted, 1 debt open");
        assertThat(plugin.run("status", "office")).satisfies(run -> {
            assertThat(run.exit()).isEqualTo(64);
            assertThat(run.err()).contains("there is no VpnInstance office");
        });
    }

    @Test
    void nodesShowsTheirAgentsAndWhichIsSilent() {
        plugin.there(Cluster.node("n1", LATELY), Cluster.node("n2", Duration.ofMinutes(40)));
        assertThat(plugin.run("nodes").out().lines())
                .containsExactly(
                        "NODE   AGENT   STARTED   SWEEP                    CAPABILITIES             INSTANCES  "
                                + " ORPHANS",
                        "n1     0.1.0   3d        every 30s, told 3m ago   wireguard,tun,nftables   1           0",
                        "n2     0.1.0   3d        not heard of for 40m     wireguard,tun,nftables   1           0");
    }

    @Test
    void orphansShowsWhatSweepsFoundAndNeverTakesASilentNodeForAClean() {
        Orphan rule = new Orphan(
                StateKind.RULE,
                "20007: from all lookup 20007",
                Cluster.UID,
                null,
                null,
                null,
                Instant.now().minus(Duration.ofMinutes(4)),
                OrphanAction.REPORTED,
                "nothing explains it");
        plugin.there(
                Cluster.node("n1", LATELY, rule),
                Cluster.node("n2", Duration.ofMinutes(40)),
                Cluster.node("n3", LATELY));
        Run run = plugin.run("orphans");
        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("n1     Rule   20007: from all lookup 20007   " + Cluster.UID + "   Reported   4m ago")
                .contains("n2: not heard of for 40m, what it has now is not known")
                .endsWith("1 node of 3 without an orphan.\n");
    }

    @Test
    void aMissingRightIsNamedWithTheCommandThatGrantsIt() {
        plugin.server
                .expect()
                .get()
                .withPath("/apis/urvpn.io/v1alpha1/vpnnodes")
                .andReturn(403, """
                    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403, "reason": "Forbidden", "message":
                     "vpnnodes.urvpn.io is forbidden: User \\"system:serviceaccount:ci:deployer\\" cannot list resource \\"vpnnodes\\" in API group \\"urvpn.io\\" at the cluster scope"}
                    """)
                .always();
        Run run = plugin.run("nodes");
        assertThat(run.exit()).isEqualTo(69);
        String name = "ur-vpn-list-vpnnodes-system-serviceaccount-ci-deployer";
        assertThat(run.err())
                .contains("missing: the verb list on vpnnodes.urvpn.io, for system:serviceaccount:ci:deployer")
                .contains("kubectl create clusterrole " + name
                        + " --verb=list --resource=vpnnodes.urvpn.io && kubectl create clusterrolebinding " + name
                        + " --clusterrole=" + name + " --serviceaccount=ci:deployer");
    }

    @Test
    void aServerThatIsNotThereIsSaidToNotAnswer() {
        plugin.server.shutdown();
        Run run = plugin.run("status");
        assertThat(run.exit()).isEqualTo(69);
        assertThat(run.err()).isEqualTo("error: the API server does not answer: Connection refused\n");
    }

    @Test
    void anUnknownContextOrFileIsToldWithWhatThereIs() {
        assertThat(plugin.run("status", "--context", "there").err())
                .contains("--context is 'there'; the kubeconfig has here");
        assertThat(plugin.run("status", "--context", "here").exit()).isZero();
        assertThat(plugin.run("status", "-o", "yaml").exit()).isEqualTo(64);
    }
}
