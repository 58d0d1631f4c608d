package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** People who step into a cleanup, suspend an instance, or ask what would be removed. */
class PeopleTest {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private void annotate(HasMetadata object, String key, String value) {
        cluster.admin()
                .resource(object)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        cluster.admin()
                                .getKubernetesSerialization()
                                .asJson(Map.of("metadata", Map.of("annotations", Map.of(key, value)))));
    }

    private void delete(String instance) {
        cluster.admin().resources(VpnInstance.class).withName(instance).delete();
    }

    private VpnCleanup cleanup(String instance) {
        return cluster.cleanups(instance).getFirst();
    }

    private VpnCleanupStatus status(String instance) {
        return cleanup(instance).getStatus();
    }

    private NodeCleanup node(String instance, String node) {
        return status(instance).nodes().stream()
                .filter(one -> one.node().equals(node))
                .findFirst()
                .orElseThrow();
    }

    private void neverClean() {
        cluster.agents()
                .answers(verdict -> VerdictBuilder.builder(verdict)
                        .clean(false)
                        .failed(List.of(Component.VPN_DISCONNECT))
                        .build());
    }

    private static CleanupPolicy policy(int retries, int blockedSeconds) {
        return CleanupPolicyBuilder.builder()
                .maxRetryAttempts(retries)
                .retryBackoffSeconds(3600)
                .timeoutSeconds(1)
                .blockedRetrySeconds(blockedSeconds)
                .build();
    }

    @Test
    void aFailedOperationGoesOnAndEndsByItselfWhenTheCauseIsGone() {
        cluster.up("blocked", policy(0, 1));
        neverClean();
        delete("blocked");
        eventually(() -> assertThat(status("blocked").phase()).isEqualTo(OperationPhase.FAILED));
        eventually(() -> assertThat(node("blocked", "node-1").attempts()).isGreaterThan(2));
        cluster.agents().answers(verdict -> verdict);
        cluster.gone("blocked");
        assertThat(status("blocked").phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(node("blocked", "node-1").outcome()).isEqualTo(Outcome.VERIFIED);
    }

    @Test
    void aFailedNodeIsLetGoWhereThatIsSaidAndStaysADebt() {
        cluster.up(
                "tired",
                CleanupPolicyBuilder.builder(policy(0, 1))
                        .releaseWhen(ReleaseWhen.NODE_LOST_OR_FAILED)
                        .build());
        neverClean();
        delete("tired");
        cluster.gone("tired");
        assertThat(status("tired").phase()).isEqualTo(OperationPhase.DEBT_OPEN);
        assertThat(cluster.attachments("tired")).hasSize(2);
        cluster.agents().answers(verdict -> verdict);
        eventually(() -> assertThat(cluster.attachments("tired")).isEmpty());
        eventually(() -> assertThat(status("tired").phase()).isEqualTo(OperationPhase.COMPLETED));
    }

    @Test
    void aRetryOnTheInstanceIsOnRecordAndMakesTheNextVerificationNow() {
        cluster.up("again", policy(3, 3600));
        neverClean();
        delete("again");
        eventually(() -> assertThat(node("again", "node-2").attempts()).isEqualTo(1));
        cluster.agents().answers(verdict -> verdict);
        annotate(cluster.instance("again").orElseThrow(), "urvpn.io/retry", "admin: the module is unloaded");
        cluster.gone("again");
        assertThat(status("again").interventions())
                .singleElement()
                .returns(InterventionKind.RETRY, Intervention::kind)
                .returns("admin", Intervention::actor)
                .returns("the module is unloaded", Intervention::reason)
                .satisfies(one -> assertThat(one.at()).isNotNull());
        assertThat(node("again", "node-2").attempts()).isEqualTo(2);
    }

    @Test
    void aForceForOneNodeEndsThatNodeAndNoOther() {
        cluster.up("forced", policy(3, 3600));
        cluster.agents().away("node-2", true);
        delete("forced");
        eventually(() -> assertThat(node("forced", "node-1").outcome()).isEqualTo(Outcome.VERIFIED));
        annotate(cleanup("forced"), "urvpn.io/force", "admin: *@node-2 the machine was scrapped");
        cluster.gone("forced");
        assertThat(node("forced", "node-2").outcome()).isEqualTo(Outcome.FORCED);
        assertThat(node("forced", "node-2").pendingMessage()).contains("admin").contains("scrapped");
        assertThat(node("forced", "node-1").outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(status("forced").interventions()).singleElement().returns("node-2", Intervention::node);
        assertThat(cleanup("forced").getMetadata().getAnnotations()).isNullOrEmpty();
        assertThat(cluster.attachments("forced")).isEmpty();
        assertThat(status("forced").counts().notRead()).isEqualTo(1);
    }

    @Test
    void whatIsSkippedIsToldToTheAgentAndTheNodeIsVerifiedInPart() {
        cluster.up("skipped", policy(3, 3600));
        neverClean();
        delete("skipped");
        eventually(() -> assertThat(status("skipped").nodes())
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.attempts()).isEqualTo(1)));
        VpnAttachment first = cluster.attachments("skipped").stream()
                .filter(attachment -> attachment.getSpec().nodeName().equals("node-1"))
                .findFirst()
                .orElseThrow();
        cluster.agents().answers(verdict -> verdict);
        annotate(first, "urvpn.io/skip", "admin: VPN_DISCONNECT@node-1 a module that hangs");
        eventually(() -> assertThat(node("skipped", "node-1").outcome()).isEqualTo(Outcome.VERIFIED_IN_PART));
        assertThat(node("skipped", "node-1").skipped()).containsExactly(Component.VPN_DISCONNECT);
        annotate(cleanup("skipped"), "urvpn.io/retry", "admin: and now the other");
        cluster.gone("skipped");
        assertThat(node("skipped", "node-2").outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(status("skipped").interventions())
                .extracting(Intervention::kind)
                .containsExactly(InterventionKind.SKIP, InterventionKind.RETRY);
    }

    @Test
    void aForceOnAnInstanceThatLivesDoesNotLieInWaitForItsDeletion() {
        cluster.up("early", null);
        annotate(cluster.instance("early").orElseThrow(), "urvpn.io/force", "admin: too early");
        annotate(cluster.attachments("early").getFirst(), "urvpn.io/force", "admin: too early");
        eventually(() -> assertThat(
                        cluster.instance("early").orElseThrow().getMetadata().getAnnotations())
                .isNullOrEmpty());
        eventually(() -> assertThat(cluster.attachments("early"))
                .allSatisfy(attachment ->
                        // what the operator writes down there is none of theirs
                        assertThat(attachment.getMetadata().getAnnotations()).doesNotContainKey("urvpn.io/force")));
        delete("early");
        cluster.gone("early");
        assertThat(status("early").nodes())
                .allSatisfy(node -> assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED));
    }

    @Test
    void aCleanupThatSomebodyDeletesInTheMiddleLosesNoEvidence() {
        cluster.up("evidence", policy(3, 3600));
        cluster.agents().away("node-2", true);
        delete("evidence");
        eventually(() -> assertThat(node("evidence", "node-1").outcome()).isEqualTo(Outcome.VERIFIED));
        cluster.admin().resource(cleanup("evidence")).delete();
        eventually(() -> assertThat(cleanup("evidence").isMarkedForDeletion()).isTrue());
        cluster.agents().away("node-2", false);
        cluster.gone("evidence");
        eventually(() -> assertThat(cluster.cleanups("evidence")).isEmpty());
    }

    @Test
    void aSuspendedInstanceIsTakenDownVerifiedAndComesBack() {
        cluster.up("paused", null);
        suspend("paused", true);
        eventually(() -> assertThat(cluster.condition("paused", "Ready")).isEqualTo("False/" + Reasons.SUSPENDED));
        assertThat(cluster.condition("paused", "Reconciling")).isEqualTo("False/" + Reasons.SUSPENDED);
        assertThat(cluster.attachments("paused")).isEmpty();
        assertThat(cleanup("paused").getSpec().operation()).isEqualTo(Operation.SUSPEND);
        assertThat(status("paused").phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(node("paused", "node-1").outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(cluster.instance("paused")
                        .orElseThrow()
                        .getStatus()
                        .cleanup()
                        .operationId())
                .isEqualTo(cleanup("paused").getMetadata().getName());

        suspend("paused", false);
        eventually(() -> assertThat(cluster.condition("paused", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.attachments("paused")).hasSize(2);
        cluster.admin().resource(cleanup("paused")).edit(cleanup -> {
            cleanup.getMetadata().setLabels(Map.of("touched", "yes"));
            return cleanup;
        });
        delete("paused");
        cluster.gone("paused");
        assertThat(cluster.cleanups("paused")).hasSize(2);
    }

    @Test
    void aDeletionThatBeginsWhileTheInstanceIsBeingSuspendedEnds() {
        cluster.up("both", null);
        cluster.agents().away("node-2", true);
        suspend("both", true);
        eventually(() -> assertThat(cluster.cleanups("both")).hasSize(1));
        delete("both");
        eventually(() -> assertThat(cluster.cleanups("both")).hasSize(2));
        cluster.agents().away("node-2", false);
        cluster.gone("both");
        assertThat(cluster.attachments("both")).isEmpty();
    }

    private void suspend(String instance, boolean suspended) {
        cluster.admin()
                .resources(VpnInstance.class)
                .withName(instance)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":" + suspended + "}}");
    }

    @Test
    void theRuntimeImageStaysUntilAPersonAsksForThePresentOne() {
        cluster.up("rolled", null);
        String present = cluster.instance("rolled").orElseThrow().getStatus().runtimeImage();
        String older = "docker.io/urvpn/runtime:0.0.9";
        cluster.admin().resources(VpnInstance.class).withName("rolled").editStatus(found -> {
            found.setStatus(VpnInstanceStatusBuilder.builder(found.getStatus())
                    .runtimeImage(older)
                    .build());
            return found;
        });
        annotate(cluster.instance("rolled").orElseThrow(), "example.com/note", "a pass");
        eventually(() -> assertThat(image("rolled")).isEqualTo(older));

        annotate(cluster.instance("rolled").orElseThrow(), "urvpn.io/upgrade-runtime", "2026-11");
        eventually(() -> assertThat(image("rolled")).isEqualTo(present));
        eventually(() -> assertThat(cluster.instance("rolled").orElseThrow().getStatus())
                .returns(present, status -> status.runtimeImage())
                .returns("2026-11", status -> status.runtimeUpgrade()));
        annotate(cluster.instance("rolled").orElseThrow(), "example.com/note", "another pass");
        eventually(() -> assertThat(image("rolled")).isEqualTo(present));
    }

    private String image(String instance) {
        String uid = cluster.instance(instance).orElseThrow().getMetadata().getUid();
        return cluster.admin()
                .apps()
                .daemonSets()
                .inNamespace(cluster.namespace())
                .withLabel("urvpn.io/instance-uid", uid)
                .list()
                .getItems()
                .getFirst()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage();
    }

    @Test
    void aDryRunIsAskedOfEachAgentAndDisturbsNothing() {
        cluster.up("plan", null);
        annotate(cluster.instance("plan").orElseThrow(), "urvpn.io/dry-run", "admin: before the move");
        eventually(() -> assertThat(
                        cluster.instance("plan").orElseThrow().getStatus().plan())
                .isNotNull()
                .returns(2, plan -> plan.answered())
                .returns(2, plan -> plan.items())
                .returns("admin", plan -> plan.actor())
                .returns("before the move", plan -> plan.reason()));
        assertThat(cluster.instance("plan").orElseThrow().getMetadata().getAnnotations())
                .isNullOrEmpty();
        assertThat(cluster.attachments("plan"))
                .allSatisfy(attachment ->
                        assertThat(attachment.getStatus().plan().items()).hasSize(1));
        eventually(() -> assertThat(cluster.condition("plan", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.cleanups("plan")).isEmpty();
    }
}
