package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.cleanup.OperationId;
import java.time.Instant;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Lives of an instance from its creation to its end, with a real API server and nodes that are played. */
class WholeLifeTest {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @Test
    void anInstanceComesUpOnEachNodeAndIsGoneWithItsEvidenceKept() {
        VpnInstance created = cluster.up("office", null);
        assertThat(cluster.attachments("office"))
                .hasSize(2)
                .allSatisfy(
                        attachment -> assertThat(attachment.getFinalizers()).containsExactly("urvpn.io/node-state"));
        VpnInstance up = cluster.instance("office").orElseThrow();
        assertThat(up.getStatus().nodes().ready()).isEqualTo(2);
        assertThat(up.getStatus().observedGeneration())
                .isEqualTo(up.getMetadata().getGeneration());
        assertThat(up.getStatus().interfaceName()).startsWith("urv").hasSize(11);
        assertThat(up.getStatus().runtimeImage()).isEqualTo("docker.io/urvpn/runtime:0.1.0");
        assertThat(cluster.condition("office", "Reconciling")).isEqualTo("False/Settled");
        assertThat(cluster.condition("office", "Stalled")).isEqualTo("False/Settled");

        cluster.admin().resource(created).delete();
        cluster.gone("office");

        assertThat(cluster.attachments("office")).isEmpty();
        assertThat(cluster.cleanups("office")).hasSize(1);
        VpnCleanup cleanup = cluster.cleanups("office").getFirst();
        assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(cleanup.getStatus().nodes())
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED))
                .allSatisfy(node -> assertThat(node.verdict().report().clean()).isTrue());
        assertThat(cleanup.getStatus().components())
                .hasSize(5)
                .allSatisfy(component -> assertThat(component.status()).isEqualTo(ComponentState.COMPLETED));
        assertThat(cluster.admin()
                        .pods()
                        .inNamespace(cluster.namespace())
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(cluster.agents().asks()).containsExactlyInAnyOrder("node-1 1", "node-2 1");
        // a thread of its own writes them
        eventually(() -> assertThat(cluster.events("office"))
                .containsSubsequence("TunnelUp", "CleanupStarted", "CleanupVerified")
                .hasSizeLessThanOrEqualTo(6));
    }

    @Test
    void whileItIsDeletedTheInstanceShowsComponentsNextVerificationAndWhatIsWaitedFor() {
        VpnInstance created = cluster.up("shown", null);
        cluster.kubelets().podsHang(true);
        cluster.admin().resource(created).delete();

        eventually(() -> assertThat(cluster.message("shown", "Reconciling"))
                .contains("waiting for pod")
                .contains("kubectl get pods"));
        // the steps of one node may end before those of the other
        eventually(() -> assertThat(cluster.instance("shown")
                        .orElseThrow()
                        .getStatus()
                        .cleanup()
                        .components())
                .extracting(component -> component.status())
                .containsExactly(
                        ComponentState.COMPLETED,
                        ComponentState.COMPLETED,
                        ComponentState.COMPLETED,
                        ComponentState.COMPLETED,
                        ComponentState.PENDING));
        VpnInstance deleting = cluster.instance("shown").orElseThrow();
        String id = OperationId.ofDeletion(
                Instant.parse(deleting.getMetadata().getDeletionTimestamp()),
                "shown",
                deleting.getMetadata().getUid());
        assertThat(deleting.getStatus().cleanup().operationId()).isEqualTo(id);
        assertThat(deleting.getStatus().cleanup().nodes()).isEqualTo(2);
        assertThat(cluster.condition("shown", "Ready")).isEqualTo("False/Deleting");
        // DELETE raised the generation; the status speaks of it all the same
        assertThat(deleting.getStatus().observedGeneration())
                .isEqualTo(deleting.getMetadata().getGeneration())
                .isGreaterThan(1);
        assertThat(cluster.agents().asks())
                .as("no verification before the pods have ended")
                .isEmpty();

        cluster.kubelets().podsHang(false);
        cluster.gone("shown");
    }

    @Test
    void anOperatorThatIsStartedAnewInTheMiddleEndsTheSameOperation() {
        VpnInstance created = cluster.up("resumed", null);
        cluster.kubelets().podsHang(true);
        cluster.admin().resource(created).delete();
        eventually(() -> assertThat(cluster.cleanups("resumed")).hasSize(1));
        String id = cluster.cleanups("resumed").getFirst().getMetadata().getName();

        cluster.stopOperator();
        cluster.kubelets().podsHang(false);
        cluster.startOperator();
        cluster.gone("resumed");

        assertThat(cluster.cleanups("resumed"))
                .extracting(cleanup -> cleanup.getMetadata().getName())
                .containsExactly(id);
        assertThat(cluster.cleanups("resumed").getFirst().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
    }

    @Test
    void anInstanceWithoutNodesEndsAtOnceWithACleanupOfNoNodes() {
        cluster.admin().resource(cluster.instance("nowhere", "missing")).create();
        eventually(() -> assertThat(cluster.condition("nowhere", "Ready")).isEqualTo("True/NoNodesSelected"));
        cluster.admin().resource(cluster.instance("nowhere").orElseThrow()).delete();
        cluster.gone("nowhere");

        VpnCleanup cleanup = cluster.cleanups("nowhere").getFirst();
        assertThat(cleanup.getSpec().nodes()).isEmpty();
        assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
    }

    @Test
    void anAttachmentThatSomebodyTookAwayIsMadeAgainToBeDetachedAndVerified() {
        VpnInstance created = cluster.up("robbed", null);
        cluster.kubelets().podsHang(true);
        cluster.admin().resource(created).delete();
        eventually(() -> assertThat(cluster.cleanups("robbed")).hasSize(1));
        VpnAttachment taken = cluster.attachments("robbed").getFirst();
        cluster.tearAway(taken);

        eventually(() -> assertThat(cluster.attachments("robbed"))
                .hasSize(2)
                .noneMatch(attachment -> attachment
                        .getMetadata()
                        .getUid()
                        .equals(taken.getMetadata().getUid())));
        cluster.kubelets().podsHang(false);
        cluster.gone("robbed");
        assertThat(cluster.cleanups("robbed").getFirst().getStatus().counts().verified())
                .isEqualTo(2);
    }

    @Test
    void aCleanupIsRemovedAfterItsTimeAndNotBeforeItsInstanceIsGone() {
        VpnInstance created = cluster.up(
                "brief",
                CleanupPolicyBuilder.builder().ttlSecondsAfterFinished(1).build());
        cluster.admin().resource(created).delete();
        cluster.gone("brief");
        eventually(() -> assertThat(cluster.cleanups("brief")).isEmpty());
    }

    @Test
    void theSecretMayGoBeforeTheInstance() {
        VpnInstance created = cluster.up("bare", null);
        cluster.admin()
                .secrets()
                .inNamespace(cluster.namespace())
                .withName("bare")
                .delete();
        eventually(() -> assertThat(cluster.condition("bare", "Stalled")).isEqualTo("True/SecretNotFound"));
        assertThat(cluster.condition("bare", "Ready")).as("what runs goes on").isEqualTo("True/Up");
        assertThat(cluster.attachments("bare")).hasSize(2);
        cluster.admin().resource(created).delete();
        cluster.gone("bare");
    }

    @Test
    void appliedAgainInTheMomentInWhichItIsGoneItLivesAgain() {
        VpnInstance created = cluster.up("phoenix", null);
        cluster.admin().resource(created).delete();
        cluster.gone("phoenix");
        cluster.admin().resource(cluster.instance("phoenix", "phoenix")).create();
        eventually(() -> assertThat(cluster.condition("phoenix", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.attachments("phoenix"))
                .hasSize(2)
                .extracting(attachment -> attachment.getSpec().instance().uid())
                .doesNotContain(created.getMetadata().getUid());
    }
}
