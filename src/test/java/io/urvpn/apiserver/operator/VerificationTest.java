package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReportBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Verifications that find something, come late, or come from somebody else. */
class VerificationTest {
    private static final CleanupPolicy QUICK = CleanupPolicyBuilder.builder()
            .maxRetryAttempts(1)
            .retryBackoffSeconds(1)
            .blockedRetrySeconds(1)
            .build();

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private static Verdict leftover(Verdict clean) {
        if (!"key-node-2".equals(clean.machineKey())) {
            return clean;
        }
        VerificationReport report = VerificationReportBuilder.builder(clean.report())
                .routing(new RoutingVerification(true, 1, "rule 20000: from all lookup 20000"))
                .build();
        return VerdictBuilder.builder(clean)
                .clean(false)
                .failed(List.of(Component.ROUTING_RULES_CLEAR))
                .errorCode(ErrorCodes.LEFTOVER)
                .report(report)
                .build();
    }

    @Test
    void whatWasLeftIsRetriedThenFailedAndShownAndEndsByItselfWhenTheCauseIsGone() {
        VpnInstance created = cluster.up("stuck", QUICK);
        cluster.agents().answers(VerificationTest::leftover);
        cluster.admin().resource(created).delete();

        eventually(() -> assertThat(cluster.condition("stuck", "Stalled")).isEqualTo("True/VerificationFailed"));
        assertThat(cluster.message("stuck", "Stalled"))
                .contains("node node-2")
                .contains("ROUTING_RULES_CLEAR")
                .contains("rule 20000: from all lookup 20000")
                .contains("since ")
                .contains("kubectl describe vpncleanup");
        VpnCleanup failed = cluster.cleanups("stuck").getFirst();
        assertThat(failed.getStatus().phase()).isEqualTo(OperationPhase.FAILED);
        assertThat(failed.getStatus().nodes().getFirst().node())
                .as("what needs attention first")
                .isEqualTo("node-2");
        assertThat(failed.getStatus().counts().failed()).isEqualTo(1);
        ComponentStatus verification = failed.getStatus().components().getLast();
        assertThat(verification.status()).isEqualTo(ComponentState.FAILED);
        assertThat(verification.error().code()).isEqualTo(ErrorCodes.LEFTOVER);
        assertThat(cluster.attachments("stuck"))
                .as("kept until it is clean")
                .anyMatch(attachment -> attachment.getSpec().nodeName().equals("node-2"));

        cluster.agents().answers(verdict -> verdict);
        cluster.gone("stuck");
        assertThat(cluster.cleanups("stuck").getFirst().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(cluster.agents().asks()).contains("node-1 1", "node-2 1", "node-2 2", "node-2 3");
        assertThat(cluster.agents().asks()).filteredOn("node-1 1"::equals).hasSize(1);
    }

    @Test
    void aVerdictOfAnotherMachineDoesNotCount() {
        VpnInstance created = cluster.up("fenced", QUICK);
        cluster.agents()
                .answers(clean -> VerdictBuilder.builder(clean)
                        .machineKey("key-of-a-new-machine")
                        .build());
        cluster.admin().resource(created).delete();

        eventually(() -> assertThat(cluster.agents().asks()).contains("node-1 1", "node-2 1"));
        eventually(() -> assertThat(cluster.attachments("fenced"))
                .allMatch(attachment -> attachment.getStatus().verdict() != null));
        assertThat(cluster.cleanups("fenced").getFirst().getStatus().counts().verified())
                .isZero();
        assertThat(cluster.attachments("fenced")).hasSize(2);
    }

    @Test
    void anAgentThatDoesNotAnswerIsNamedAndNoAttemptIsCounted() {
        VpnInstance created = cluster.up(
                "silent", CleanupPolicyBuilder.builder().timeoutSeconds(1).build());
        cluster.agents().away("node-2", true);
        cluster.admin().resource(created).delete();

        eventually(() -> assertThat(cluster.condition("silent", "Stalled")).isEqualTo("True/WaitingForAgent"));
        assertThat(cluster.message("silent", "Stalled"))
                .contains("node-2")
                .contains("since ")
                .contains("kubectl get pods");
        eventually(() -> assertThat(cluster.cleanups("silent")
                        .getFirst()
                        .getStatus()
                        .counts()
                        .verified())
                .as("the other node does not wait")
                .isEqualTo(1));
        cluster.agents().away("node-2", false);
        cluster.gone("silent");
        assertThat(cluster.cleanups("silent").getFirst().getStatus().nodes()).allMatch(node -> node.attempts() == 1);
    }

    /** Pitfall 7: each pass cancels the time that the one before asked for. */
    @Test
    void aVerificationIsAskedForWhenItIsDueHoweverMuchElseHappens() {
        VpnInstance created = cluster.up(
                "busy",
                CleanupPolicyBuilder.builder().verificationDelaySeconds(3).build());
        cluster.admin().resource(created).delete();
        eventually(() -> assertThat(cluster.condition("busy", "Ready")).isEqualTo("False/Deleting"));
        for (int i = 0; i < 20; i++) {
            cluster.label("node-1", "noise-" + i);
        }
        assertThat(cluster.agents().asks()).isEmpty();
        eventually(
                () -> assertThat(cluster.cleanups("busy").getFirst().getStatus().nextVerificationAt())
                        .isNotNull());
        cluster.gone("busy");
        assertThat(cluster.agents().asks()).containsExactlyInAnyOrder("node-1 1", "node-2 1");
    }
}
