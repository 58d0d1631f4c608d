package io.urvpn.apiserver.gitops;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReportBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNodeStatusOrphanBuilder;
import io.urvpn.apiserver.operator.TestCluster;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes objects, as the API server has them, from lives that go through each state. */
final class States {
    private static final CleanupPolicyBuilder QUICK =
            CleanupPolicyBuilder.builder().timeoutSeconds(1).maxRetryAttempts(1).blockedRetrySeconds(1);

    private final TestCluster cluster;
    private final Map<String, GenericKubernetesResource> taken = new LinkedHashMap<>();
    private int keys;

    private States(TestCluster cluster) {
        this.cluster = cluster;
    }

    /** By a name such as {@code waiting VpnCleanup}. */
    static Map<String, GenericKubernetesResource> of(TestCluster cluster) {
        States states = new States(cluster);
        cluster.node("node-1");
        cluster.node("node-2");
        states.fresh();
        states.up();
        states.deleting();
        states.waiting();
        states.failed();
        states.debt();
        states.orphan();
        return states.taken;
    }

    private void take(String state, String kind, String name) {
        GenericKubernetesResource object = cluster.admin()
                .genericKubernetesResources("urvpn.io/v1alpha1", kind)
                .withName(name)
                .get();
        assertThat(object).as(state + " " + kind).isNotNull();
        taken.put(state + " " + kind, object);
    }

    private void takeAttachment(String state, String instance, String node) {
        take(
                state,
                "VpnAttachment",
                cluster.attachments(instance).stream()
                        .filter(attachment -> node.equals(attachment.getSpec().nodeName()))
                        .findFirst()
                        .orElseThrow()
                        .getMetadata()
                        .getName());
    }

    private void takeCleanup(String state, String instance) {
        take(state, "VpnCleanup", cleanup(instance).getMetadata().getName());
    }

    private VpnCleanup cleanup(String instance) {
        return cluster.cleanups(instance).getFirst();
    }

    private void create(String name, CleanupPolicy policy) {
        cluster.secret(
                name,
                Map.of(
                        "node-1.conf",
                        TestCluster.configuration(keys++),
                        "node-2.conf",
                        TestCluster.configuration(keys++)));
        cluster.admin().resource(cluster.instance(name, name, policy)).create();
    }

    private void created(String name, CleanupPolicy policy) {
        create(name, policy);
        eventually(() -> assertThat(cluster.condition(name, "Ready")).isEqualTo("True/Up"));
    }

    private void delete(String name) {
        cluster.admin().resources(VpnInstance.class).withName(name).delete();
    }

    /** Nobody has looked at it. */
    private void fresh() {
        cluster.stopOperator();
        create("fresh", QUICK.build());
        take("fresh", "VpnInstance", "fresh");
        delete("fresh");
        cluster.gone("fresh");
        cluster.startOperator();
    }

    private void up() {
        cluster.agents().away("node-1", true);
        create("office", QUICK.build());
        eventually(() -> assertThat(cluster.condition("office", "Reconciling")).isEqualTo("True/WaitingForAgent"));
        take("progressing", "VpnInstance", "office");
        cluster.agents().away("node-1", false);
        eventually(() -> assertThat(cluster.condition("office", "Reconciling")).isEqualTo("False/Settled"));
        take("ready", "VpnInstance", "office");
        takeAttachment("ready", "office", "node-1");
        take("ready", "VpnNode", "node-1");
        cluster.admin()
                .secrets()
                .inNamespace(cluster.namespace())
                .withName("office")
                .delete();
        eventually(() -> assertThat(cluster.condition("office", "Stalled")).isEqualTo("True/SecretNotFound"));
        take("degraded", "VpnInstance", "office");
        cluster.admin()
                .resources(VpnInstance.class)
                .withName("office")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":true}}");
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("False/Suspended"));
        take("suspended", "VpnInstance", "office");
        delete("office");
        cluster.gone("office");
    }

    private void deleting() {
        created("shed", QUICK.build());
        cluster.kubelets().podsHang(true);
        delete("shed");
        eventually(() -> assertThat(cluster.message("shed", "Reconciling")).contains("waiting for pod"));
        take("deleting", "VpnInstance", "shed");
        takeAttachment("deleting", "shed", "node-1");
        takeCleanup("deleting", "shed");
        cluster.kubelets().podsHang(false);
        cluster.gone("shed");
        takeCleanup("done", "shed");
    }

    private void waiting() {
        created("quay", QUICK.build());
        cluster.agents().away("node-1", true);
        delete("quay");
        eventually(() -> assertThat(cluster.condition("quay", "Stalled")).isEqualTo("True/WaitingForAgent"));
        take("waiting", "VpnInstance", "quay");
        takeAttachment("waiting", "quay", "node-1");
        takeCleanup("waiting", "quay");
        cluster.agents().away("node-1", false);
        cluster.gone("quay");
    }

    private void failed() {
        created("yard", QUICK.build());
        cluster.agents().answers(States::leftover);
        delete("yard");
        eventually(() -> assertThat(cluster.condition("yard", "Stalled")).isEqualTo("True/VerificationFailed"));
        take("failed", "VpnInstance", "yard");
        takeCleanup("failed", "yard");
        cluster.agents().answers(verdict -> verdict);
        cluster.gone("yard");
    }

    private void debt() {
        created("dock", QUICK.releaseWhen(ReleaseWhen.NODE_LOST_OR_FAILED).build());
        cluster.agents().answers(States::leftover);
        delete("dock");
        cluster.gone("dock");
        assertThat(cleanup("dock").getStatus().phase()).isEqualTo(OperationPhase.DEBT_OPEN);
        takeCleanup("debt", "dock");
        cluster.agents().answers(verdict -> verdict);
        eventually(() -> assertThat(cleanup("dock").getStatus().phase()).isEqualTo(OperationPhase.COMPLETED));
        takeCleanup("settled", "dock");
    }

    private void orphan() {
        cluster.agents()
                .found(
                        "node-2",
                        1,
                        List.of(VpnNodeStatusOrphanBuilder.builder()
                                .kind(StateKind.RULE)
                                .identity("rule 20007: from all lookup 20007")
                                .firstSeenAt(Instant.now())
                                .action(OrphanAction.REPORTED)
                                .message("rule 20007: from all lookup 20007 proto 200")
                                .build()));
        take("orphan", "VpnNode", "node-2");
        eventually(() -> assertThat(cluster.events("node-2")).containsExactly("OrphanFound"));
    }

    private static Verdict leftover(Verdict clean) {
        return VerdictBuilder.builder(clean)
                .clean(false)
                .failed(List.of(Component.ROUTING_RULES_CLEAR))
                .errorCode(ErrorCodes.LEFTOVER)
                .report(VerificationReportBuilder.builder(clean.report())
                        .routing(new RoutingVerification(true, 1, "rule 20000: from all lookup 20000"))
                        .build())
                .build();
    }
}
