package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Nodes and machines that are not there, and what becomes of what they owe. */
class AwayTest {
    private static final CleanupPolicy SOON_LOST =
            CleanupPolicyBuilder.builder().nodeLostAfter("1s").timeoutSeconds(1).build();

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    private void delete(String instance) {
        cluster.admin().resources(VpnInstance.class).withName(instance).delete();
    }

    private VpnCleanup cleanup(String instance) {
        return cluster.cleanups(instance).getFirst();
    }

    private NodeCleanup node(String instance, String node) {
        return cleanup(instance).getStatus().nodes().stream()
                .filter(one -> one.node().equals(node))
                .findFirst()
                .orElseThrow();
    }

    private Orphan registryEntry(VpnInstance instance) {
        return registryEntry(instance, OrphanAction.REPORTED);
    }

    private Orphan registryEntry(VpnInstance instance, OrphanAction action) {
        return new Orphan(
                StateKind.REGISTRY_ENTRY,
                "registry entry of " + instance.getMetadata().getName(),
                instance.getMetadata().getUid(),
                instance.getMetadata().getName(),
                VpnType.WIREGUARD,
                "urv0",
                Instant.now(),
                action,
                "");
    }

    @Test
    void aNodeThatIsGoneEndsTheWaitAndIsShownAsNotRead() {
        cluster.up("gone", SOON_LOST);
        cluster.agents().away("node-2", true);
        cluster.admin().nodes().withName("node-2").delete();
        delete("gone");

        cluster.gone("gone");
        NodeCleanup gone = node("gone", "node-2");
        assertThat(gone.outcome()).isEqualTo(Outcome.NODE_GONE);
        assertThat(gone.machineKey()).isEqualTo("key-node-2");
        assertThat(node("gone", "node-1").outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(cleanup("gone").getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(cleanup("gone").getStatus().counts().notRead()).isEqualTo(1);
        assertThat(cleanup("gone").getStatus().counts().verified()).isEqualTo(1);
        assertThat(cleanup("gone").getStatus().report().vpn().details()).contains(VerificationReport.NOT_READ);
        assertThat(cleanup("gone").getStatus().report().vpn().exists()).isTrue();
        assertThat(cluster.attachments("gone")).isEmpty();
    }

    @Test
    void aMachineThatComesBackIsCleanedAndTheRecordSaysSo() {
        VpnInstance instance = cluster.up("back", SOON_LOST);
        cluster.agents().away("node-2", true);
        cluster.admin().nodes().withName("node-2").delete();
        delete("back");
        cluster.gone("back");

        cluster.agents().away("node-2", false);
        cluster.node("node-2");
        cluster.agents().found("node-2", 1, List.of(registryEntry(instance)));

        eventually(() -> assertThat(node("back", "node-2").outcome()).isEqualTo(Outcome.VERIFIED));
        assertThat(node("back", "node-2").earlierOutcome()).isEqualTo(Outcome.NODE_GONE);
        eventually(() -> assertThat(cluster.attachments("back")).isEmpty());
        assertThat(cluster.agents().asks()).containsOnlyOnce("node-2 1");
        assertThat(cluster.cleanups("back")).hasSize(1);
        assertThat(cleanup("back").getStatus().counts().notRead()).isZero();
    }

    /** A person had ended the wait; the agent went on with what its journal said, and the record is to say so. */
    @Test
    void whatAnAgentCarriedThroughAfterAForceIsVerifiedOnTheRecord() {
        VpnInstance instance = cluster.up("forced", SOON_LOST);
        cluster.agents().away("node-2", true);
        delete("forced");
        eventually(() -> assertThat(cluster.cleanups("forced")).isNotEmpty());
        cluster.admin()
                .resources(VpnCleanup.class)
                .withName(cleanup("forced").getMetadata().getName())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"urvpn.io/force\":\"admin: *@node-2 it takes too long\"}}}");
        cluster.gone("forced");
        assertThat(node("forced", "node-2").outcome()).isEqualTo(Outcome.FORCED);

        cluster.agents().away("node-2", false);
        cluster.agents().found("node-2", 1, List.of(registryEntry(instance, OrphanAction.REMOVED)));
        eventually(() -> assertThat(node("forced", "node-2").outcome()).isEqualTo(Outcome.VERIFIED));
        assertThat(node("forced", "node-2").earlierOutcome()).isEqualTo(Outcome.FORCED);
        eventually(() -> assertThat(cluster.attachments("forced")).isEmpty());
    }

    @Test
    void aNewMachineUnderAnOldNameOwesNothingAndIsAttachedAnew() {
        cluster.up("renamed", SOON_LOST);
        VpnAttachment old = cluster.attachments("renamed").stream()
                .filter(attachment -> attachment.getSpec().nodeName().equals("node-2"))
                .findFirst()
                .orElseThrow();
        cluster.agents().machine("node-2", "key-of-another");
        cluster.admin().nodes().withName("node-2").edit(node -> {
            node.getMetadata().getLabels().put("touched", "yes");
            return node;
        });

        eventually(() -> assertThat(cluster.attachments("renamed"))
                .filteredOn(attachment -> attachment.getSpec().nodeName().equals("node-2"))
                .singleElement()
                .satisfies(attachment -> {
                    assertThat(attachment.getMetadata().getUid())
                            .isNotEqualTo(old.getMetadata().getUid());
                    assertThat(attachment.getStatus().machineKey()).isEqualTo("key-of-another");
                }));
        assertThat(cluster.instance("renamed").orElseThrow().getStatus().recentDetachments())
                .singleElement()
                .satisfies(detachment -> {
                    assertThat(detachment.outcome()).isEqualTo(Outcome.NODE_GONE);
                    assertThat(detachment.machineKey()).isEqualTo("key-node-2");
                });
        assertThat(cluster.agents().asks()).noneMatch(ask -> ask.startsWith("node-2"));
    }

    @Test
    void aNodeOutOfServiceIsLetGoAsADebtThatIsSettledLater() {
        cluster.up(
                "debt",
                CleanupPolicyBuilder.builder(SOON_LOST)
                        .releaseWhen(ReleaseWhen.NODE_LOST)
                        .build());
        cluster.agents().away("node-2", true);
        cluster.admin().nodes().withName("node-2").edit(node -> {
            node.getSpec()
                    .setTaints(List.of(new TaintBuilder()
                            .withKey("node.kubernetes.io/out-of-service")
                            .withValue("nodeshutdown")
                            .withEffect("NoExecute")
                            .build()));
            return node;
        });
        delete("debt");

        cluster.gone("debt");
        assertThat(cleanup("debt").getStatus().phase()).isEqualTo(OperationPhase.DEBT_OPEN);
        assertThat(cleanup("debt").getStatus().counts().debts()).isEqualTo(1);
        assertThat(cluster.attachments("debt"))
                .singleElement()
                .satisfies(left -> assertThat(left.getSpec().desired()).isEqualTo(DesiredState.DETACHED));

        cluster.agents().away("node-2", false);
        eventually(() -> assertThat(cluster.attachments("debt")).isEmpty());
        eventually(() -> assertThat(cleanup("debt").getStatus().phase()).isEqualTo(OperationPhase.COMPLETED));
        assertThat(node("debt", "node-2").outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(node("debt", "node-2").earlierOutcome()).isEqualTo(Outcome.RELEASED);
    }

    @Test
    void aNodeOutOfServiceIsWaitedForWhereNothingMayBeLetGo() {
        cluster.up("waits", SOON_LOST);
        cluster.agents().away("node-2", true);
        cluster.admin().nodes().withName("node-2").edit(node -> {
            node.getSpec()
                    .setTaints(List.of(new TaintBuilder()
                            .withKey("node.kubernetes.io/out-of-service")
                            .withEffect("NoExecute")
                            .build()));
            return node;
        });
        delete("waits");

        eventually(() -> assertThat(node("waits", "node-2").pendingReason()).isEqualTo(Reasons.NODE_LOST));
        assertThat(node("waits", "node-2").attempts()).isZero();
        assertThat(node("waits", "node-2").pendingMessage()).contains("node-2");
        cluster.agents().away("node-2", false);
        cluster.gone("waits");
        assertThat(node("waits", "node-2").outcome()).isEqualTo(Outcome.VERIFIED);
    }

    @Test
    void anInstanceWhoseFinalizerWasTakenOffIsTakenDownAllTheSame() {
        cluster.up("vanished", null);
        cluster.stopOperator();
        cluster.tearAway(cluster.instance("vanished").orElseThrow());
        cluster.startOperator();

        eventually(() -> assertThat(cluster.cleanups("vanished")).hasSize(1));
        assertThat(cleanup("vanished").getSpec().operation()).isEqualTo(Operation.INSTANCE_VANISHED);
        eventually(() -> assertThat(cluster.attachments("vanished")).isEmpty());
        eventually(() -> assertThat(cleanup("vanished").getStatus().phase()).isEqualTo(OperationPhase.COMPLETED));
        assertThat(node("vanished", "node-1").outcome()).isEqualTo(Outcome.VERIFIED);
    }

    @Test
    void tooManyDeadInstancesAtOnceNeedAPerson() {
        cluster.node("node-1");
        cluster.agents().found("node-1", 3, lost("lost", 3, OrphanAction.REPORTED));

        eventually(() -> assertThat(annotations("node-1")).containsKey("urvpn.io/held"));
        assertThat(cluster.attachments("lost-0")).isEmpty();

        cluster.admin()
                .resources(VpnNode.class)
                .withName("node-1")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"urvpn.io/retry\":\"admin: the restore is what we wanted\"}}}");
        eventually(() -> assertThat(cluster.cleanups("lost-2"))
                .singleElement()
                .satisfies(done -> assertThat(done.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED)));
        eventually(() -> assertThat(annotations("node-1")).doesNotContainKeys("urvpn.io/held", "urvpn.io/retry"));
    }

    @Test
    void whatANodeInventsEndsAtABound() {
        cluster.node("node-1");
        List<Orphan> invented = lost("invented", 30, OrphanAction.REPORTED);
        // that it was only a tenth of the node's is the agent's own word
        cluster.agents().found("node-1", 1000, invented.subList(0, 15));
        eventually(() -> assertThat(vanishedOn("node-1")).isEqualTo(15));

        cluster.agents().found("node-1", 1000, invented);
        eventually(() -> assertThat(annotations("node-1"))
                .hasEntrySatisfying(
                        "urvpn.io/held",
                        why -> assertThat(why).contains("15 more instances", "beyond 20 nothing is done")));
        // nor does it help to say that it has removed them already
        cluster.agents().found("node-1", 1000, lost("removed", 10, OrphanAction.REMOVED));
        eventually(() -> assertThat(annotations("node-1"))
                .hasEntrySatisfying("urvpn.io/held", why -> assertThat(why).contains("10 more instances")));
        assertThat(vanishedOn("node-1")).isEqualTo(15);
    }

    private List<Orphan> lost(String name, int count, OrphanAction action) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    VpnInstance lost = new VpnInstance();
                    lost.getMetadata().setName(name + "-" + i);
                    lost.getMetadata().setUid(UUID.randomUUID().toString());
                    return registryEntry(lost, action);
                })
                .toList();
    }

    private long vanishedOn(String node) {
        return cluster.admin().resources(VpnCleanup.class).list().getItems().stream()
                .filter(cleanup -> cleanup.getSpec().operation() == Operation.INSTANCE_VANISHED)
                .filter(cleanup -> cleanup.getSpec().nodes().stream()
                        .anyMatch(covered -> covered.node().equals(node)))
                .count();
    }

    private Map<String, String> annotations(String node) {
        var annotations = cluster.admin()
                .resources(VpnNode.class)
                .withName(node)
                .get()
                .getMetadata()
                .getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }
}
