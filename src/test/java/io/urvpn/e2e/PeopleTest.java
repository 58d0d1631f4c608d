package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanItem;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What people do to a tunnel and its cleanup beside deleting it, and what they do to a node by hand. */
class PeopleTest {
    private final Tunnel tunnel = Tunnel.named("people");
    private final Node first = new Node("n1");

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    /** Who the API server takes this test for. */
    private static String me() {
        return CLUSTER.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
                .strip();
    }

    private void annotate(String verb, String words) {
        CLUSTER.kubectl(
                "annotate", "vpninstance", tunnel.name, "urvpn.io/" + verb + "=" + me() + ": " + words, "--overwrite");
    }

    @Test
    void aSuspendedTunnelIsTakenDownVerifiedAndComesBack() {
        tunnel.apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        CLUSTER.kubectl("patch", "vpninstance", tunnel.name, "--type=merge", "-p", "{\"spec\":{\"suspend\":true}}");
        tunnel.awaitCondition("Ready", "False", "Suspended");
        for (String node : Tunnel.NODES) {
            await().ignoreExceptions()
                    .atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
        assertThat(tunnel.operation().orElseThrow().getSpec().operation()).isEqualTo(Operation.SUSPEND);
        assertThat(tunnel.operation().orElseThrow().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(tunnel.uid()).isEqualTo(uid);

        CLUSTER.kubectl("patch", "vpninstance", tunnel.name, "--type=merge", "-p", "{\"spec\":{\"suspend\":false}}");
        tunnel.awaitCondition("Ready", "True", "Up");
        CLUSTER.on("n1", "ping", "-c", "3", "-i", "0.2", "-W", "2", "10.200.0.1");
    }

    @Test
    void aDryRunListsWhatADeletionWouldRemoveAndTouchesNothing() {
        tunnel.apply().ready();
        List<String> rules = first.rules();
        List<String> routes = first.routes();
        annotate("dry-run", "before the maintenance");
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(tunnel.get().getStatus().plan())
                        .isNotNull()
                        .returns(2, plan -> plan.answered())
                        .returns(me(), plan -> plan.actor()));
        assertThat(tunnel.attachment("n1").getStatus().plan().items())
                .extracting(PlanItem::kind)
                .contains(
                        StateKind.RULE,
                        StateKind.ROUTE,
                        StateKind.PROCESS,
                        StateKind.INTERFACE,
                        StateKind.FILE,
                        StateKind.REGISTRY_ENTRY);
        assertThat(first.rules()).isEqualTo(rules);
        assertThat(first.routes()).isEqualTo(routes);
        tunnel.awaitCondition("Ready", "True", "Up");
    }

    @Test
    void aForceIsOnRecordWithWhoAndWhyAndWhatStaysIsReported() {
        tunnel.onlyOn("n1")
                .cleanup("{verificationDelaySeconds: 0, maxRetryAttempts: 0, blockedRetrySeconds: 3600}")
                .apply()
                .ready();
        String table = Integer.toString(tunnel.attachment("n1").getStatus().table());
        tunnel.beginDelete();
        // somebody's script puts a marked rule back as long as the deletion goes
        CLUSTER.bash(
                "n1",
                "for i in $(seq 30); do ip rule add pref $1 lookup $1 proto 200 2>/dev/null; sleep 0.2; done",
                table);
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                tunnel.operation().orElseThrow().getStatus().phase())
                        .isEqualTo(OperationPhase.FAILED));
        annotate("force", "*@n1 the rule is somebody else's");
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(20))
                .until(() -> tunnel.find().isEmpty());
        assertThat(tunnel.operation().orElseThrow().getStatus().nodes())
                .singleElement()
                .satisfies(node -> assertThat(node.outcome()).isEqualTo(Outcome.FORCED));
        assertThat(tunnel.operation().orElseThrow().getStatus().interventions())
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.kind()).isEqualTo(InterventionKind.FORCE);
                    assertThat(one.actor()).isEqualTo(me());
                    assertThat(one.reason()).isEqualTo("the rule is somebody else's");
                });
        // the journal says that its removal was ordered, so the sweep goes on with it
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(first.rules()).noneMatch(rule -> rule.contains("lookup " + table)));
    }

    @Test
    void anOrphanMadeByHandIsReportedAndNotTouched() {
        CLUSTER.on("n1", "ip", "rule", "add", "pref", "29990", "lookup", "29990", "proto", "200");
        try {
            await().ignoreExceptions()
                    .atMost(Duration.ofSeconds(100))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(orphans("n1")).anySatisfy(orphan -> {
                        assertThat(orphan.kind()).isEqualTo(StateKind.RULE);
                        assertThat(orphan.identity()).contains("29990");
                        assertThat(orphan.firstSeenAt()).isNotNull();
                    }));
            assertThat(first.rules()).anyMatch(rule -> rule.contains("lookup 29990"));
        } finally {
            CLUSTER.on("n1", "ip", "rule", "del", "pref", "29990", "proto", "200");
        }
    }

    private static List<Orphan> orphans(String node) {
        return Optional.ofNullable(CLUSTER.client
                        .resources(VpnNode.class)
                        .withName(node)
                        .get()
                        .getStatus()
                        .sweep())
                .flatMap(sweep -> Optional.ofNullable(sweep.orphans()))
                .orElse(List.of());
    }

    @Test
    void aFinalizerTakenOffByHandLeavesNothingOnTheNodes() {
        tunnel.apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        CLUSTER.kubectl("scale", "deployment", "ur-vpn-operator", "-n", Cluster.NAMESPACE, "--replicas=0");
        try {
            CLUSTER.kubectl(
                    "wait",
                    "pod",
                    "-n",
                    Cluster.NAMESPACE,
                    "-l",
                    "app.kubernetes.io/component=operator",
                    "--for=delete",
                    "--timeout=60s");
            tunnel.beginDelete();
            CLUSTER.kubectl(
                    "patch", "vpninstance", tunnel.name, "--type=merge", "-p", "{\"metadata\":{\"finalizers\":null}}");
            assertThat(tunnel.find()).isEmpty();
        } finally {
            CLUSTER.kubectl(
                    "scale",
                    "deployment",
                    "ur-vpn-operator",
                    "-n",
                    Cluster.NAMESPACE,
                    "--replicas=" + Operators.REPLICAS);
        }
        await().ignoreExceptions().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(tunnel.operation()).isPresent();
            assertThat(tunnel.operation().orElseThrow().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        });
        assertThat(tunnel.operation().orElseThrow().getSpec().operation()).isEqualTo(Operation.INSTANCE_VANISHED);
        for (String node : Tunnel.NODES) {
            await().ignoreExceptions()
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
    }
}
