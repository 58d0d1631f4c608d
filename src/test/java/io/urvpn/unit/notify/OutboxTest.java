package io.urvpn.unit.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.messages.InitialResponse.Agents;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.DeliveryKind;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusDeliveryBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.notify.Outbox;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which messages an operation owes, and in which order. */
class OutboxTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static VpnCleanup cleanup(Operation operation, VpnCleanupStatus stored) {
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.getMetadata().setName("cleanup-1-office-0a1b2c3d");
        cleanup.setSpec(VpnCleanupSpecBuilder.builder()
                .operation(operation)
                .instance(new InstanceReference("office", "uid"))
                .instanceDisplayName("the_office")
                .build());
        cleanup.setStatus(stored);
        return cleanup;
    }

    private static VpnCleanupStatus status(OperationPhase phase, List<Delivery> deliveries, NodeCleanup... nodes) {
        return VpnCleanupStatusBuilder.builder()
                .phase(phase)
                .completedAt(phase == OperationPhase.COMPLETED ? NOW : null)
                .nodes(List.of(nodes))
                .deliveries(deliveries)
                .build();
    }

    private static NodeCleanup node(Outcome outcome, Component... skipped) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node("n1")
                .outcome(outcome)
                .skipped(List.of(skipped))
                .build();
    }

    private static List<Delivery> due(Operation operation, VpnCleanupStatus stored, VpnCleanupStatus next) {
        return Outbox.due(cleanup(operation, stored), next, () -> Agents.SOME, NOW);
    }

    private static List<DeliveryKind> kinds(List<Delivery> deliveries) {
        return deliveries.stream().map(Delivery::kind).toList();
    }

    @Test
    void theInitialResponseIsDueWithTheFirstStatusAndOnce() {
        VpnCleanupStatus begun = status(OperationPhase.IN_PROGRESS, null, node(null));
        List<Delivery> due = due(Operation.DELETE, null, begun);
        assertThat(due).singleElement().satisfies(one -> {
            assertThat(one.kind()).isEqualTo(DeliveryKind.INITIAL);
            assertThat(one.state()).isEqualTo(DeliveryState.PENDING);
            assertThat(one.payload()).contains("\"cron_job_status\":\"degraded\"");
        });
        assertThat(due(Operation.DELETE, status(OperationPhase.IN_PROGRESS, due), begun))
                .isEqualTo(due);
    }

    @Test
    void anOperationWithoutNodesOwesBothAtOnceInThisOrder() {
        assertThat(kinds(due(Operation.DELETE, null, status(OperationPhase.COMPLETED, null))))
                .containsExactly(DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);
    }

    @Test
    void whatWasFinishedBeforeIsNotTold() {
        VpnCleanupStatus finished = status(OperationPhase.COMPLETED, null, node(Outcome.VERIFIED));
        assertThat(due(Operation.DELETE, finished, finished)).isEmpty();
    }

    @Test
    void whatIsUnderWayIsToldFromItsBeginning() {
        VpnCleanupStatus failed = status(OperationPhase.FAILED, null, node(null));
        assertThat(kinds(due(Operation.DELETE, failed, failed)))
                .containsExactly(DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);
    }

    @Test
    void aSuspensionIsNotTold() {
        assertThat(due(Operation.SUSPEND, null, status(OperationPhase.COMPLETED, null)))
                .isEmpty();
    }

    @Test
    void successAfterAFailureIsToldOnceMoreAndAnotherFailureIsNot() {
        VpnCleanupStatus failed = status(OperationPhase.FAILED, null, node(null));
        List<Delivery> told = due(Operation.DELETE, null, failed);
        assertThat(told.getLast().payload())
                .contains("\"cleanup_successful\":false")
                .contains("\"instance_name\":\"the_office\"")
                .contains("\"is_running\":true");

        VpnCleanupStatus before = status(OperationPhase.FAILED, told, node(null));
        assertThat(due(Operation.DELETE, before, status(OperationPhase.COMPLETED, told, node(Outcome.FORCED))))
                .isEqualTo(told);
        List<Delivery> all =
                due(Operation.DELETE, before, status(OperationPhase.COMPLETED, told, node(Outcome.VERIFIED)));
        assertThat(kinds(all))
                .containsExactly(
                        DeliveryKind.INITIAL, DeliveryKind.VERIFICATION, DeliveryKind.VERIFICATION_AFTER_FAILURE);
        assertThat(all.getLast().payload()).contains("\"cleanup_successful\":true");
        VpnCleanupStatus after = status(OperationPhase.COMPLETED, all, node(Outcome.VERIFIED));
        assertThat(due(Operation.DELETE, after, after)).isEqualTo(all);
    }

    @Test
    void aNodeThatIsReadAfterItCountedAsGoneMakesItASuccess() {
        VpnCleanupStatus gone = status(OperationPhase.COMPLETED, null, node(Outcome.NODE_GONE));
        List<Delivery> told = due(Operation.DELETE, null, gone);
        assertThat(told.getLast().payload()).contains("\"cleanup_successful\":false");
        VpnCleanupStatus stored = status(OperationPhase.COMPLETED, told, node(Outcome.NODE_GONE));
        assertThat(kinds(due(Operation.DELETE, stored, status(OperationPhase.COMPLETED, told, node(Outcome.VERIFIED)))))
                .endsWith(DeliveryKind.VERIFICATION_AFTER_FAILURE);
    }

    @Test
    void onlyAReadingOfEachPartIsASuccessUnlessItsCheckWasOff() {
        assertThat(Outbox.successful(status(OperationPhase.COMPLETED, null, node(Outcome.VERIFIED_IN_PART))))
                .isTrue();
        assertThat(Outbox.successful(status(
                        OperationPhase.COMPLETED, null, node(Outcome.VERIFIED_IN_PART, Component.ROUTING_RULES_CLEAR))))
                .isFalse();
        assertThat(Outbox.successful(status(OperationPhase.COMPLETED, null, node(Outcome.NODE_GONE))))
                .isFalse();
        assertThat(Outbox.successful(status(OperationPhase.DEBT_OPEN, null, node(Outcome.VERIFIED))))
                .isFalse();
    }

    @Test
    void theFirstThatWasNotAcknowledgedIsNext() {
        List<Delivery> both = due(Operation.DELETE, null, status(OperationPhase.COMPLETED, null));
        assertThat(Outbox.next(status(OperationPhase.COMPLETED, both))).contains(both.getFirst());
        List<Delivery> one = List.of(
                VpnCleanupStatusDeliveryBuilder.builder(both.getFirst())
                        .state(DeliveryState.ACKNOWLEDGED)
                        .build(),
                both.getLast());
        assertThat(Outbox.next(status(OperationPhase.COMPLETED, one))).contains(both.getLast());
    }
}
