package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReportBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.notify.EventReason;
import io.urvpn.notify.Occurrence;
import io.urvpn.operator.CleanupEvents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which Events a change of an operation's status makes. */
class CleanupEventsTest {
    private static final Instant AT = Instant.parse("2026-11-01T12:00:00Z");

    private final VpnCleanup cleanup = cleanup(Operation.DELETE);

    private static VpnCleanup cleanup(Operation operation) {
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.getMetadata().setName("cleanup-1-office-01234567");
        cleanup.getMetadata().setUid("cleanup-uid");
        cleanup.setSpec(VpnCleanupSpecBuilder.builder()
                .operation(operation)
                .instance(new InstanceReference("office", Samples.UID))
                .policy(CleanupPolicyBuilder.builder().maxRetryAttempts(1).build())
                .build());
        return cleanup;
    }

    private static NodeCleanup waits(String node, String reason) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .pendingReason(reason)
                .pendingMessage("waiting for " + node)
                .build();
    }

    private static NodeCleanup failed(String node, String reason) {
        return VpnCleanupStatusNodeCleanupBuilder.builder(waits(node, reason))
                .attempts(2)
                .verdict(VerdictBuilder.builder()
                        .clean(false)
                        .failed(List.of(Component.ROUTING_RULES_CLEAR))
                        .report(VerificationReportBuilder.builder(VerificationReport.notRead("office"))
                                .routing(new RoutingVerification(true, 1, "rule 20000: from all lookup 20000"))
                                .build())
                        .build())
                .build();
    }

    private static NodeCleanup ended(String node, Outcome outcome) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .outcome(outcome)
                .endedAt(AT)
                .build();
    }

    private static VpnCleanupStatus status(OperationPhase phase, NodeCleanup... nodes) {
        return VpnCleanupStatusBuilder.builder()
                .phase(phase)
                .nodes(List.of(nodes))
                .counts(new Counts(nodes.length, 0, 0, 0, 0, 0))
                .message("as it is")
                .build();
    }

    private List<EventReason> reasons(VpnCleanupStatus before, VpnCleanupStatus after) {
        return CleanupEvents.between(cleanup, before, after).stream()
                .map(Occurrence::reason)
                .toList();
    }

    @Test
    void aCleanDeletionHasTwoOnItsInstance() {
        List<VpnCleanupStatus> way = List.of(
                status(
                        OperationPhase.IN_PROGRESS,
                        waits("a", Reasons.STEPS_RUNNING),
                        waits("b", Reasons.STEPS_RUNNING)),
                status(OperationPhase.IN_PROGRESS, waits("a", Reasons.VERIFYING), waits("b", Reasons.WAITING_FOR_PODS)),
                status(OperationPhase.IN_PROGRESS, ended("a", Outcome.VERIFIED), waits("b", Reasons.VERIFYING)),
                status(OperationPhase.COMPLETED, ended("a", Outcome.VERIFIED), ended("b", Outcome.VERIFIED)));
        List<Occurrence> all = new ArrayList<>(CleanupEvents.between(cleanup, null, way.getFirst()));
        IntStream.range(1, way.size())
                .forEach(i -> all.addAll(CleanupEvents.between(cleanup, way.get(i - 1), way.get(i))));
        assertThat(all)
                .extracting(Occurrence::reason)
                .containsExactly(EventReason.CLEANUP_STARTED, EventReason.CLEANUP_VERIFIED);
        assertThat(all).allSatisfy(one -> {
            assertThat(one.regarding().getKind()).isEqualTo("VpnInstance");
            assertThat(one.regarding().getUid()).isEqualTo(Samples.UID);
            assertThat(one.related().orElseThrow().getName())
                    .isEqualTo(cleanup.getMetadata().getName());
        });
        assertThat(all.getFirst().note()).contains(cleanup.getMetadata().getName());
    }

    @Test
    void whatIsOnRecordIsNotToldAgain() {
        Stream.of(
                        status(OperationPhase.FAILED, failed("a", Reasons.VERIFICATION_FAILED)),
                        status(OperationPhase.IN_PROGRESS, waits("a", Reasons.WAITING_FOR_AGENT)),
                        status(OperationPhase.DEBT_OPEN, ended("a", Outcome.RELEASED)),
                        status(OperationPhase.COMPLETED, ended("a", Outcome.VERIFIED)))
                .forEach(status -> assertThat(reasons(status, status)).isEmpty());
    }

    @Test
    void manyNodesThatAreAwayMakeOneThatNamesTheFirst() {
        NodeCleanup[] away = IntStream.range(0, 500)
                .mapToObj(i -> waits("node-" + i, Reasons.WAITING_FOR_AGENT))
                .toArray(NodeCleanup[]::new);
        List<Occurrence> told = CleanupEvents.between(
                cleanup, status(OperationPhase.IN_PROGRESS), status(OperationPhase.IN_PROGRESS, away));
        assertThat(told).singleElement().satisfies(one -> {
            assertThat(one.reason()).isEqualTo(EventReason.NODE_AWAITED);
            assertThat(one.note()).contains("node-0", "497 more", "kubectl get pods");
        });
    }

    @Test
    void aFailureSaysWhatWasFoundAndIsToldOnceThoughItIsAskedAgain() {
        VpnCleanupStatus before = status(OperationPhase.IN_PROGRESS, waits("a", Reasons.VERIFYING));
        VpnCleanupStatus after = status(OperationPhase.FAILED, failed("a", Reasons.VERIFICATION_FAILED));
        assertThat(CleanupEvents.between(cleanup, before, after))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.reason()).isEqualTo(EventReason.CLEANUP_FAILED);
                    assertThat(one.note())
                            .contains("rule 20000: from all lookup 20000")
                            .contains("kubectl describe vpncleanup "
                                    + cleanup.getMetadata().getName());
                });
        VpnCleanupStatus asked = status(OperationPhase.FAILED, failed("a", Reasons.VERIFYING));
        assertThat(reasons(after, asked)).isEmpty();
        assertThat(reasons(asked, after)).isEmpty();
    }

    @Test
    void aDebtIsToldOnTheInstanceAndItsEndOnTheCleanup() {
        VpnCleanupStatus debt = status(OperationPhase.DEBT_OPEN, ended("a", Outcome.RELEASED));
        assertThat(reasons(status(OperationPhase.IN_PROGRESS, waits("a", Reasons.NODE_LOST)), debt))
                .containsExactly(EventReason.DEBT_OPENED);
        assertThat(CleanupEvents.between(cleanup, debt, status(OperationPhase.COMPLETED, ended("a", Outcome.VERIFIED))))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.reason()).isEqualTo(EventReason.DEBT_SETTLED);
                    assertThat(one.regarding().getKind()).isEqualTo("VpnCleanup");
                });
    }

    @Test
    void anEndWithoutAReadingIsAWarning() {
        VpnCleanupStatus gone =
                status(OperationPhase.COMPLETED, ended("a", Outcome.NODE_GONE), ended("b", Outcome.VERIFIED));
        assertThat(reasons(status(OperationPhase.IN_PROGRESS), gone)).containsExactly(EventReason.CLEANUP_NOT_READ);
        assertThat(reasons(
                        gone,
                        status(OperationPhase.COMPLETED, ended("a", Outcome.VERIFIED), ended("b", Outcome.VERIFIED))))
                .as("the machine came back and was read")
                .containsExactly(EventReason.CLEANUP_VERIFIED);
    }

    @Test
    void anInterventionSaysWhoAndWhy() {
        VpnCleanupStatus before = status(OperationPhase.FAILED, failed("a", Reasons.VERIFICATION_FAILED));
        VpnCleanupStatus after = VpnCleanupStatusBuilder.builder(before)
                .interventions(
                        List.of(new Intervention(InterventionKind.FORCE, "jane", AT, "the rack is scrap", null, "a")))
                .build();
        assertThat(CleanupEvents.between(cleanup, before, after))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.reason()).isEqualTo(EventReason.INTERVENTION);
                    assertThat(one.note()).contains("jane", "FORCE", "node a", "the rack is scrap");
                });
    }

    @Test
    void whereTheInstanceHadVanishedTheyAreOnTheCleanup() {
        VpnCleanup vanished = cleanup(Operation.INSTANCE_VANISHED);
        assertThat(CleanupEvents.between(
                        vanished, null, status(OperationPhase.IN_PROGRESS, waits("a", Reasons.STEPS_RUNNING))))
                .singleElement()
                .satisfies(one -> assertThat(one.regarding().getKind()).isEqualTo("VpnCleanup"));
    }
}
