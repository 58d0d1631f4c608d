package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReportBuilder;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An agent of another version, or none: the deletion waits, says why, and goes on when a present one is there. */
class OlderAgentTest {
    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster();
        cluster.up("old", CleanupPolicyBuilder.builder().timeoutSeconds(1).build());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void delete() {
        cluster.admin().resources(VpnInstance.class).withName("old").delete();
    }

    private NodeCleanup second() {
        return cluster.cleanups("old").getFirst().getStatus().nodes().stream()
                .filter(node -> node.node().equals("node-2"))
                .findFirst()
                .orElseThrow();
    }

    /** Node, since when, and what helps; no attempt is counted, and the other node is done. */
    private void waitsAndSaysWhy() {
        eventually(() -> assertThat(cluster.condition("old", "Stalled")).isEqualTo("True/WaitingForAgent"));
        eventually(() -> assertThat(cluster.message("old", "Stalled"))
                .contains("node-2")
                .contains("since ")
                .contains("nothing is known to be gone")
                .contains("kubectl get pods"));
        eventually(() -> assertThat(
                        cluster.cleanups("old").getFirst().getStatus().counts().verified())
                .isEqualTo(1));
        assertThat(second().outcome()).isNull();
        assertThat(second().attempts()).isZero();
        assertThat(second().pendingReason()).isEqualTo(Reasons.WAITING_FOR_AGENT);
        assertThat(second().pendingSince()).isNotNull();
    }

    private void goesOn() {
        cluster.gone("old");
        assertThat(second().outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(second().attempts()).isEqualTo(1);
    }

    @Test
    void aNodeWithoutAnAgentIsWaitedFor() {
        cluster.agents().away("node-2", true);
        cluster.admin().resources(VpnNode.class).withName("node-2").delete();
        delete();
        waitsAndSaysWhy();

        cluster.agents().register("node-2");
        cluster.agents().away("node-2", false);
        goesOn();
    }

    /** It has done the steps, and is gone before it is asked. */
    @Test
    void aNodeWhoseAgentWentAfterTheStepsIsWaitedFor() {
        cluster.kubelets().podsHang(true);
        delete();
        eventually(() -> assertThat(second().pendingReason()).isEqualTo(Reasons.WAITING_FOR_PODS));
        cluster.agents().away("node-2", true);
        cluster.admin().resources(VpnNode.class).withName("node-2").delete();
        cluster.kubelets().podsHang(false);
        waitsAndSaysWhy();

        cluster.agents().register("node-2");
        cluster.agents().away("node-2", false);
        goesOn();
    }

    /** What an answer of an older agent may lack. */
    enum Older {
        WITHOUT_OPERATION(
                verdict -> VerdictBuilder.builder(verdict).operationId(null).build()),
        WITHOUT_ATTACHMENT(
                verdict -> VerdictBuilder.builder(verdict).attachmentUid(null).build()),
        WITHOUT_GENERATION(
                verdict -> VerdictBuilder.builder(verdict).generation(null).build()),
        WITHOUT_ATTEMPT(verdict -> VerdictBuilder.builder(verdict).attempt(null).build()),
        WITHOUT_MACHINE(
                verdict -> VerdictBuilder.builder(verdict).machineKey(null).build()),
        WITHOUT_BOOT(verdict -> VerdictBuilder.builder(verdict).bootId(null).build()),
        WITHOUT_START(
                verdict -> VerdictBuilder.builder(verdict).agentStartedAt(null).build()),
        WITHOUT_TIME(verdict -> VerdictBuilder.builder(verdict).verifiedAt(null).build()),
        WITHOUT_REPORT(verdict -> VerdictBuilder.builder(verdict).report(null).build()),
        WITHOUT_A_PART_OF_THE_REPORT(verdict -> VerdictBuilder.builder(verdict)
                .report(VerificationReportBuilder.builder(verdict.report())
                        .vpn(null)
                        .build())
                .build());

        private final UnaryOperator<Verdict> shape;

        Older(UnaryOperator<Verdict> shape) {
            this.shape = shape;
        }
    }

    @ParameterizedTest
    @EnumSource(Older.class)
    void anAnswerThatDoesNotSayWhatItAnswersIsNone(Older older) {
        cluster.agents()
                .answers(verdict -> "key-node-2".equals(verdict.machineKey()) ? older.shape.apply(verdict) : verdict);
        delete();
        waitsAndSaysWhy();
        assertThat(second().pendingMessage()).contains("answered").contains("0.1.0");

        cluster.agents().answers(verdict -> verdict);
        cluster.agents().restarted("node-2");
        goesOn();
    }

    /** The API server drops what the present definition does not have. */
    @Test
    void aFieldThatIsNotKnownChangesNothing() {
        cluster.kubelets().podsHang(true);
        delete();
        eventually(() -> assertThat(second().pendingReason()).isEqualTo(Reasons.WAITING_FOR_PODS));
        cluster.attachments("old")
                .forEach(attachment -> cluster.admin()
                        .resources(VpnAttachment.class)
                        .withName(attachment.getMetadata().getName())
                        .subresource("status")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"status\":{\"progress\":{\"percent\":50},\"detach\":{\"phase\":\"Half\"}}}"));
        cluster.admin()
                .resources(VpnNode.class)
                .withName("node-2")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"cronJob\":{\"running\":true}}}");
        cluster.kubelets().podsHang(false);
        goesOn();
    }
}
