package io.urvpn.unit.notify.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.DeliveryKind;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusDetachStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusDeliveryBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatusSweepBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.notify.metrics.ClusterView;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.notify.metrics.OperatorMetrics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {
    private static final Instant BEGAN = Instant.parse("2026-11-28T10:00:00Z");

    private final Measurements measurements = new Measurements();
    private final OperatorMetrics metrics = new OperatorMetrics(measurements);
    private final Known known = new Known();

    OperatorMetricsTest() {
        metrics.of(known);
    }

    private static final class Known implements ClusterView {
        private boolean leads = true;
        private final List<VpnInstance> instances = new ArrayList<>();
        private final List<VpnAttachment> attachments = new ArrayList<>();
        private final List<VpnCleanup> cleanups = new ArrayList<>();
        private final List<VpnNode> nodes = new ArrayList<>();

        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public Collection<VpnInstance> instances() {
            return instances;
        }

        @Override
        public Collection<VpnAttachment> attachments() {
            return attachments;
        }

        @Override
        public Collection<VpnCleanup> cleanups() {
            return cleanups;
        }

        @Override
        public Collection<VpnNode> nodes() {
            return nodes;
        }
    }

    private List<String> told(String metric) {
        return measurements
                .text()
                .lines()
                .filter(line -> line.startsWith(metric))
                .toList();
    }

    private static List<Condition> ready(String status) {
        return List.of(new ConditionBuilder()
                .withType(Reasons.READY)
                .withStatus(status)
                .build());
    }

    private static VpnInstance instance(String ready, Boolean suspend, String deleted) {
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName("office")
                .withDeletionTimestamp(deleted)
                .build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .suspend(suspend)
                .build());
        instance.setStatus(
                VpnInstanceStatusBuilder.builder().conditions(ready(ready)).build());
        return instance;
    }

    private static VpnAttachment attachment(DesiredState desired, String ready) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder().withName("vpnatt-1").build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", "uid"))
                .type(VpnType.OPENVPN)
                .desired(desired)
                .build());
        attachment.setStatus(
                VpnAttachmentStatusBuilder.builder().conditions(ready(ready)).build());
        return attachment;
    }

    private static Optional<VpnAttachment> detach(ComponentStatus step, Verdict verdict) {
        VpnAttachment attachment = attachment(DesiredState.DETACHED, "False");
        attachment.setStatus(VpnAttachmentStatusBuilder.builder()
                .detach(VpnAttachmentStatusDetachStatusBuilder.builder()
                        .components(List.of(step))
                        .build())
                .verdict(verdict)
                .build());
        return Optional.of(attachment);
    }

    private static ComponentStatus step(ComponentState state, int attempt) {
        return ComponentStatusBuilder.builder()
                .component(Component.VPN_DISCONNECT)
                .status(state)
                .startedAt(BEGAN.plusSeconds(attempt))
                .attempt(attempt)
                .durationMillis(state == ComponentState.IN_PROGRESS ? null : 1500L)
                .build();
    }

    private static Verdict verdict(int attempt, boolean clean, String errorCode) {
        return VerdictBuilder.builder()
                .operationId("cleanup-1")
                .attempt(attempt)
                .clean(clean)
                .errorCode(errorCode)
                .build();
    }

    private static VpnCleanup cleanup(OperationPhase phase, Counts counts, NodeCleanup... nodes) {
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.setMetadata(new ObjectMetaBuilder().withName("cleanup-1").build());
        cleanup.setSpec(VpnCleanupSpecBuilder.builder()
                .operation(Operation.DELETE)
                .requestedAt(BEGAN)
                .build());
        cleanup.setStatus(VpnCleanupStatusBuilder.builder()
                .phase(phase)
                .startedAt(BEGAN)
                .completedAt(phase == OperationPhase.COMPLETED ? BEGAN.plusSeconds(8) : null)
                .counts(counts)
                .nodes(List.of(nodes))
                .build());
        return cleanup;
    }

    @Test
    void tellsWhatIsSoAtTheMomentOfTheScrape() {
        known.instances.add(instance("True", null, null));
        known.instances.add(instance("False", true, null));
        known.instances.add(instance("True", null, "2026-11-28T10:00:00Z"));
        known.attachments.add(attachment(DesiredState.ATTACHED, "True"));
        known.attachments.add(attachment(DesiredState.ATTACHED, "False"));
        known.attachments.add(attachment(DesiredState.DETACHED, "False"));
        VpnNode node = new VpnNode();
        node.setMetadata(new ObjectMetaBuilder().withName("n1").build());
        node.setStatus(VpnNodeStatusBuilder.builder()
                .sweep(VpnNodeStatusSweepBuilder.builder()
                        .nextRunAt(Instant.ofEpochSecond(1000))
                        .orphansPresent(2)
                        .error("EACCES")
                        .build())
                .build());
        known.nodes.add(node);

        assertThat(told("urvpn_"))
                .contains(
                        "urvpn_operator_leader 1.0",
                        "urvpn_instances{state=\"Ready\",type=\"WireGuard\"} 1.0",
                        "urvpn_instances{state=\"Suspended\",type=\"WireGuard\"} 1.0",
                        "urvpn_instances{state=\"Deleting\",type=\"WireGuard\"} 1.0",
                        "urvpn_instance_attachments{ready=\"true\",type=\"OpenVPN\",vpn_instance=\"office\"} 1.0",
                        "urvpn_instance_attachments{ready=\"false\",type=\"OpenVPN\",vpn_instance=\"office\"} 1.0",
                        "urvpn_debts 0.0",
                        "urvpn_messages_undelivered 0.0",
                        "urvpn_node_sweep_due_timestamp_seconds{node=\"n1\"} 1000.0",
                        "urvpn_node_sweep_incomplete{node=\"n1\"} 1.0",
                        "urvpn_node_orphans{node=\"n1\"} 2.0");

        known.attachments.clear();
        assertThat(told("urvpn_instance_attachments")).isEmpty();
    }

    @Test
    void tellsOpenOperationsTheirNodesAndTheirDebts() {
        NodeCleanup waiting = VpnCleanupStatusNodeCleanupBuilder.builder()
                .node("n1")
                .pendingReason(Reasons.WAITING_FOR_AGENT)
                .build();
        NodeCleanup owing = VpnCleanupStatusNodeCleanupBuilder.builder()
                .node("n2")
                .outcome(Outcome.RELEASED)
                .endedAt(BEGAN)
                .build();
        known.cleanups.add(cleanup(OperationPhase.IN_PROGRESS, null, waiting));
        known.cleanups.add(cleanup(OperationPhase.DEBT_OPEN, null, owing));
        known.cleanups.add(cleanup(OperationPhase.COMPLETED, null));

        assertThat(told("urvpn_"))
                .contains(
                        "urvpn_operations{operation=\"Delete\",phase=\"IN_PROGRESS\"} 1.0",
                        "urvpn_operations{operation=\"Delete\",phase=\"COMPLETED\"} 1.0",
                        "urvpn_pending_nodes{reason=\"WaitingForAgent\"} 1.0",
                        "urvpn_debts 1.0")
                .anyMatch(line -> line.startsWith("urvpn_debts_oldest_timestamp_seconds 1.79"))
                .noneMatch(line -> line.startsWith("urvpn_operations_oldest") && line.contains("COMPLETED"));
    }

    @Test
    void tellsWhatIsOwedOverMqttAlsoOfAnOperationThatHasEnded() {
        VpnCleanup ended = cleanup(OperationPhase.COMPLETED, null);
        ended.setStatus(VpnCleanupStatusBuilder.builder(ended.getStatus())
                .deliveries(List.of(
                        delivery(DeliveryKind.INITIAL, DeliveryState.ACKNOWLEDGED),
                        delivery(DeliveryKind.VERIFICATION, DeliveryState.PENDING)))
                .build());
        known.cleanups.add(ended);

        assertThat(told("urvpn_messages"))
                .contains("urvpn_messages_undelivered 1.0")
                .anyMatch(line -> line.startsWith("urvpn_messages_undelivered_oldest_timestamp_seconds 1.79"));
    }

    private static Delivery delivery(DeliveryKind kind, DeliveryState state) {
        return VpnCleanupStatusDeliveryBuilder.builder()
                .kind(kind)
                .state(state)
                .recordedAt(BEGAN)
                .build();
    }

    @Test
    void whoDoesNotLeadTellsNothingOfTheCluster() {
        known.leads = false;
        known.instances.add(instance("True", null, null));
        metrics.cleanup(
                Optional.of(cleanup(OperationPhase.IN_PROGRESS, null)),
                Optional.of(cleanup(OperationPhase.COMPLETED, null)));

        assertThat(told("urvpn_")).containsExactly("urvpn_operator_leader 0.0");
    }

    @Test
    void countsEachRunOfAStepOnce() {
        Optional<VpnAttachment> running = detach(step(ComponentState.IN_PROGRESS, 1), null);
        Optional<VpnAttachment> failed = detach(step(ComponentState.FAILED, 1), null);
        Optional<VpnAttachment> again = detach(step(ComponentState.COMPLETED, 2), null);
        metrics.attachment(Optional.empty(), failed);
        metrics.attachment(running, failed);
        metrics.attachment(failed, failed);
        metrics.attachment(failed, again);
        metrics.attachment(again, Optional.empty());

        assertThat(told("urvpn_step_duration_seconds"))
                .contains(
                        "urvpn_step_duration_seconds_count{component=\"VPN_DISCONNECT\",result=\"FAILED\"} 1",
                        "urvpn_step_duration_seconds_sum{component=\"VPN_DISCONNECT\",result=\"COMPLETED\"} 1.5",
                        "urvpn_step_duration_seconds_bucket{component=\"VPN_DISCONNECT\",result=\"COMPLETED\",le=\"1.0\"} 0",
                        "urvpn_step_duration_seconds_bucket{component=\"VPN_DISCONNECT\",result=\"COMPLETED\",le=\"5.0\"} 1");
    }

    @Test
    void countsEachAnsweredVerificationAndTakesNoWordOfAnAgentForALabel() {
        ComponentStatus step = step(ComponentState.COMPLETED, 1);
        Optional<VpnAttachment> none = detach(step, null);
        Optional<VpnAttachment> first = detach(step, verdict(1, false, "Leftover"));
        Optional<VpnAttachment> second = detach(step, verdict(2, false, "made up by a stolen token"));
        Optional<VpnAttachment> third = detach(step, verdict(3, true, null));
        metrics.attachment(none, first);
        metrics.attachment(first, first);
        metrics.attachment(first, second);
        metrics.attachment(second, third);

        assertThat(told("urvpn_verifications_total"))
                .contains(
                        "urvpn_verifications_total{attempt=\"first\",result=\"Leftover\"} 1.0",
                        "urvpn_verifications_total{attempt=\"first\",result=\"Clean\"} 0.0",
                        "urvpn_verifications_total{attempt=\"retry\",result=\"Unknown\"} 1.0",
                        "urvpn_verifications_total{attempt=\"retry\",result=\"Clean\"} 1.0")
                .noneMatch(line -> line.contains("stolen"));
    }

    @Test
    void countsHowOperationsEndAndThatTheyFailed() {
        VpnCleanup running = cleanup(OperationPhase.IN_PROGRESS, null);
        VpnCleanup failed = cleanup(OperationPhase.FAILED, null);
        VpnCleanup ended = cleanup(OperationPhase.COMPLETED, new Counts(1, 1, 0, 0, 0, 0));
        metrics.cleanup(Optional.of(running), Optional.of(failed));
        metrics.cleanup(Optional.of(failed), Optional.of(failed));
        metrics.cleanup(Optional.of(failed), Optional.of(ended));
        metrics.cleanup(
                Optional.of(running), Optional.of(cleanup(OperationPhase.COMPLETED, new Counts(2, 1, 1, 0, 0, 0))));
        metrics.cleanup(Optional.of(running), Optional.of(cleanup(OperationPhase.DEBT_OPEN, null)));
        metrics.cleanup(Optional.of(ended), Optional.empty());

        assertThat(told("urvpn_operation_"))
                .contains(
                        "urvpn_operation_failures_total{operation=\"Delete\"} 1.0",
                        "urvpn_operation_duration_seconds_sum{operation=\"Delete\",result=\"Verified\"} 8.0",
                        "urvpn_operation_duration_seconds_count{operation=\"Delete\",result=\"Verified\"} 1",
                        "urvpn_operation_duration_seconds_count{operation=\"Delete\",result=\"NotRead\"} 1",
                        "urvpn_operation_duration_seconds_count{operation=\"Delete\",result=\"DebtOpen\"} 1");
    }
}
