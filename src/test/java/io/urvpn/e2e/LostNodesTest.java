package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that cannot be read for a while, or never again under that name. */
class LostNodesTest {
    private static final String SOON_LOST = "{verificationDelaySeconds: 1, nodeLostAfter: 5s, timeoutSeconds: 5%s}";
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute";

    private final Tunnel tunnel = Tunnel.named("lost");
    private final Tunnel other = Tunnel.unanswered("lost-too", 3);
    private final Node second = new Node("n2");

    @BeforeEach
    void spread() {
        Operators.spread();
    }

    @AfterEach
    void remove() {
        second.rejoin();
        second.bringBack();
        tunnel.remove();
        other.remove();
    }

    private static NodeCleanup on(String node, Tunnel tunnel) {
        return tunnel.cleanupOn(node);
    }

    private static VpnCleanup operation(Tunnel tunnel) {
        return tunnel.operation().orElseThrow();
    }

    private static ConditionFactory within(int seconds) {
        return await().ignoreExceptions().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(500));
    }

    private static void gone(Tunnel tunnel, int seconds) {
        within(seconds).until(() -> tunnel.find().isEmpty());
    }

    @Test
    void aNodeThatIsCutOffIsNotSaidToBeReadyIsWaitedForAndNoAttemptIsCounted() {
        tunnel.cleanup("{verificationDelaySeconds: 1, timeoutSeconds: 5}")
                .apply()
                .ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        second.cutOff();
        within(90).untilAsserted(() -> {
            assertThat(tunnel.get().getStatus().nodes().ready()).isEqualTo(1);
            assertThat(tunnel.get().getStatus().notReady())
                    .singleElement()
                    .extracting(NotReadyNode::node, NotReadyNode::reason)
                    .containsExactly("n2", Reasons.NODE_SILENT);
        });
        tunnel.beginDelete();
        within(60).untilAsserted(() -> {
            assertThat(on("n1", tunnel).verdict().clean()).isTrue();
            assertThat(on("n2", tunnel).pendingReason()).isEqualTo(Reasons.WAITING_FOR_AGENT);
            assertThat(on("n2", tunnel).pendingMessage()).contains("n2", "since");
            assertThat(tunnel.condition("Reconciling").orElseThrow().getMessage())
                    .contains("n2");
        });
        assertThat(on("n2", tunnel).attempts()).isZero();
        assertThat(second.tracesOf(uid, link))
                .as("what the agent could not be asked to remove")
                .isNotEmpty();

        second.rejoin();
        gone(tunnel, 120);
        assertThat(on("n2", tunnel).outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(on("n2", tunnel).attempts()).isEqualTo(1);
        within(10).untilAsserted(() -> second.hasNoTraceOf(uid, link));
    }

    @Test
    void anAgentThatDoesNotAnswerIsWaitedForAndNoAttemptIsCounted() {
        tunnel.cleanup("{verificationDelaySeconds: 1, timeoutSeconds: 5}")
                .apply()
                .ready();
        second.signalAgent("STOP");
        try {
            tunnel.beginDelete();
            within(30).untilAsserted(() -> {
                assertThat(on("n2", tunnel).pendingReason()).isEqualTo(Reasons.WAITING_FOR_AGENT);
                assertThat(on("n2", tunnel).pendingMessage()).contains("n2", "since");
            });
            assertThat(on("n2", tunnel).attempts()).isZero();
        } finally {
            second.signalAgent("CONT");
        }
        gone(tunnel, 60);
        assertThat(on("n2", tunnel).attempts()).isEqualTo(1);
    }

    @Test
    void aMachineWhoseNodeIsDeletedWhileItRunsOwesWhatItOwedUnderItsNextNode() {
        tunnel.cleanup(SOON_LOST.formatted("")).apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        String boot = second.bootId();
        String node = second.uid();
        CLUSTER.kubectl("delete", "node", "n2");
        tunnel.beginDelete();
        gone(tunnel, 120);
        Outcome first = on("n2", tunnel).outcome();
        assertThat(first).isEqualTo(Outcome.NODE_GONE);
        assertThat(operation(tunnel).getStatus().counts().notRead()).isEqualTo(1);

        CLUSTER.script("stop-kubelet", "n2");
        CLUSTER.script("start-kubelet", "n2");
        second.becomes("True");
        assertThat(second.uid()).isNotEqualTo(node);
        assertThat(second.bootId()).isEqualTo(boot);
        within(180).untilAsserted(() -> assertThat(on("n2", tunnel).outcome()).isEqualTo(Outcome.VERIFIED));
        assertThat(on("n2", tunnel).earlierOutcome()).isEqualTo(Outcome.NODE_GONE);
        assertThat(operation(tunnel).getStatus().counts().notRead()).isZero();
        within(30).untilAsserted(() -> second.hasNoTraceOf(uid, link));
    }

    @Test
    void anotherMachineUnderTheNameOfANodeOwesNothingAndIsAttachedAnew() {
        tunnel.cleanup(SOON_LOST.formatted("")).apply().ready();
        VpnAttachment before = tunnel.attachment("n2");
        CLUSTER.script("replace", "n2");
        within(180).untilAsserted(() -> {
            VpnAttachment now = tunnel.attachment("n2");
            assertThat(now.getMetadata().getUid())
                    .isNotEqualTo(before.getMetadata().getUid());
            assertThat(now.getStatus().machineKey())
                    .isNotNull()
                    .isNotEqualTo(before.getStatus().machineKey());
        });
        tunnel.ready();
        assertThat(tunnel.get().getStatus().recentDetachments()).singleElement().satisfies(detachment -> {
            assertThat(detachment.node()).isEqualTo("n2");
            assertThat(detachment.outcome()).isEqualTo(Outcome.NODE_GONE);
            assertThat(detachment.machineKey()).isEqualTo(before.getStatus().machineKey());
        });
        tunnel.delete();
        assertThat(on("n2", tunnel).outcome()).isEqualTo(Outcome.VERIFIED);
    }

    @Test
    void aLostNodeIsLetGoAsADebtThatIsSettledWhenItIsBack() {
        tunnel.cleanup(SOON_LOST.formatted(", releaseWhen: NodeLost")).apply();
        // an hour: only the taint may make this one lost
        other.cleanup("{verificationDelaySeconds: 1, nodeLostAfter: 1h, timeoutSeconds: 5, releaseWhen: NodeLost}")
                .apply()
                .inPlace();
        tunnel.ready();
        List<String> uids = List.of(tunnel.uid(), other.uid());
        List<String> links = List.of(tunnel.link(), other.link());
        CLUSTER.script("crash", "n2");
        tunnel.beginDelete();
        other.beginDelete();
        gone(tunnel, 120);
        assertThat(operation(tunnel).getStatus().phase()).isEqualTo(OperationPhase.DEBT_OPEN);
        assertThat(CLUSTER.kubectl("get", "vpnatt")).contains("lost");

        assertThat(other.find()).isPresent();
        CLUSTER.kubectl("taint", "node", "n2", OUT_OF_SERVICE);
        gone(other, 30);
        assertThat(operation(other).getStatus().phase()).isEqualTo(OperationPhase.DEBT_OPEN);

        CLUSTER.kubectl("taint", "node", "n2", OUT_OF_SERVICE + "-");
        CLUSTER.script("reboot", "n2");
        for (Tunnel each : List.of(tunnel, other)) {
            within(180)
                    .untilAsserted(() ->
                            assertThat(operation(each).getStatus().phase()).isEqualTo(OperationPhase.COMPLETED));
            assertThat(on("n2", each).outcome()).isEqualTo(Outcome.VERIFIED);
            assertThat(on("n2", each).earlierOutcome()).isEqualTo(Outcome.RELEASED);
        }
        within(30).untilAsserted(() -> {
            second.hasNoTraceOf(uids.get(0), links.get(0));
            second.hasNoTraceOf(uids.get(1), links.get(1));
        });
        // it is on record before the attachment goes
        within(30)
                .untilAsserted(
                        () -> assertThat(CLUSTER.kubectl("get", "vpnatt")).doesNotContain("lost"));
    }
}
