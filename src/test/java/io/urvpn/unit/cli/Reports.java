package io.urvpn.unit.cli;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.DeliveryKind;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.ConfigurationVerification;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReport.ThreadVerification;
import io.urvpn.api.v1alpha1.VerificationReport.VpnVerification;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Operations as they end, and as they do not. */
final class Reports {
    static final String HOSTILE = "<script>alert('x')</script>\"&\u202e\u001b[31m";

    private Reports() {}

    private static ComponentStatus component(Component component, ComponentState state, long from, String error) {
        return ComponentStatusBuilder.builder()
                .component(component)
                .status(state)
                .startedAt(Cluster.BEGAN.plusMillis(from))
                .completedAt(state == ComponentState.FAILED ? Cluster.BEGAN.plusMillis(from + 900) : null)
                .durationMillis(state == ComponentState.FAILED ? 900L : null)
                .attempt(2)
                .error(error == null ? null : new ComponentError("LEFTOVER", error))
                .build();
    }

    private static List<ComponentStatus> steps(long delay) {
        return List.of(
                Cluster.done(Component.THREAD_TERMINATION, delay, 14),
                Cluster.done(Component.ROUTING_RULES_CLEAR, delay + 15, 6),
                Cluster.done(Component.VPN_DISCONNECT, delay + 22, 340 + delay),
                Cluster.done(Component.CONFIGURATION_UPDATE, delay * 2 + 363, 9));
    }

    private static List<ComponentStatus> with(List<ComponentStatus> steps, ComponentStatus last) {
        List<ComponentStatus> all = new ArrayList<>(steps);
        all.add(last);
        return all;
    }

    static NodeCleanup verified(String node, long delay) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .outcome(Outcome.VERIFIED)
                .endedAt(Cluster.BEGAN.plusSeconds(6))
                .components(with(steps(delay), Cluster.done(Component.VERIFICATION_JOB, 5500 + delay, 70)))
                .build();
    }

    static NodeCleanup failed(String node, String found) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .components(with(steps(40), component(Component.VERIFICATION_JOB, ComponentState.FAILED, 5600, found)))
                .pendingReason("VerificationFailed")
                .pendingMessage("the last verification found what is not to be there; it is tried again in 300 s")
                .pendingSince(Cluster.BEGAN)
                .build();
    }

    static NodeCleanup forced(String node) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .outcome(Outcome.FORCED)
                .components(with(
                        steps(90),
                        component(Component.VERIFICATION_JOB, ComponentState.SKIPPED, 5600, "a person ended it")))
                .build();
    }

    static NodeCleanup skipped(String node) {
        List<ComponentStatus> steps = new ArrayList<>(steps(20));
        steps.set(2, component(Component.VPN_DISCONNECT, ComponentState.SKIPPED, 60, null));
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .outcome(Outcome.VERIFIED_IN_PART)
                .skipped(List.of(Component.VPN_DISCONNECT))
                .components(with(steps, Cluster.done(Component.VERIFICATION_JOB, 5500, 70)))
                .build();
    }

    static NodeCleanup silent(String node) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .pendingReason("WaitingForAgent")
                .pendingMessage("its agent has not answered")
                .pendingSince(Cluster.BEGAN)
                .build();
    }

    static VpnCleanup operation(OperationPhase phase, String message, List<NodeCleanup> nodes) {
        int verified = (int) nodes.stream()
                .filter(node -> node.outcome() == Outcome.VERIFIED || node.outcome() == Outcome.VERIFIED_IN_PART)
                .count();
        int forced = (int)
                nodes.stream().filter(node -> node.outcome() == Outcome.FORCED).count();
        boolean ended = phase == OperationPhase.COMPLETED;
        return Cluster.cleanup(VpnCleanupStatusBuilder.builder()
                .phase(phase)
                .message(message)
                .completedAt(ended ? Cluster.BEGAN.plusSeconds(6) : null)
                .counts(new Counts(nodes.size(), verified, forced, 0, 0, nodes.size() - verified - forced))
                .nodes(nodes)
                .interventions(
                        forced == 0
                                ? null
                                : List.of(new Intervention(
                                        InterventionKind.FORCE,
                                        "jane@example.com",
                                        Cluster.BEGAN.plusSeconds(5),
                                        "the machine was scrapped " + HOSTILE,
                                        null,
                                        "n3")))
                .deliveries(List.of(new Delivery(
                        DeliveryKind.INITIAL,
                        ended ? DeliveryState.ACKNOWLEDGED : DeliveryState.PENDING,
                        Cluster.BEGAN,
                        1,
                        ended ? Cluster.BEGAN.plusMillis(80) : null,
                        ended ? null : "the broker does not answer " + HOSTILE,
                        "{}")))
                .report(new VerificationReport(
                        "office",
                        new ThreadVerification(false, false, VerificationReport.NO_THREAD),
                        ended
                                ? new RoutingVerification(false, 0, VerificationReport.NO_ROUTING)
                                : new RoutingVerification(true, 1, "rule 20001: from all lookup 20001 proto 200"),
                        ended
                                ? new VpnVerification(false, 0, VerificationReport.NO_VPN)
                                : new VpnVerification(true, 0, VerificationReport.NOT_READ),
                        new ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION)))
                .build());
    }

    static VpnCleanup clean(int nodes) {
        return operation(
                OperationPhase.COMPLETED,
                nodes + " of " + nodes + " nodes verified",
                IntStream.rangeClosed(1, nodes)
                        .mapToObj(i -> verified("n" + i, i * 13L % 400))
                        .toList());
    }

    /** Everything at once, with texts that a hostile peer or node made. */
    static VpnCleanup troubled() {
        return operation(
                OperationPhase.FAILED,
                "node n1: the last verification failed " + HOSTILE + " a-word-without-an-end".repeat(20),
                List.of(
                        failed("n1", "rule 20001: from all lookup 20001 proto 200 " + HOSTILE),
                        silent("a-very-long-name-of-a-node.somewhere.in.the.cluster.example.com"),
                        forced("n3"),
                        skipped("n4"),
                        verified("n5", 0)));
    }
}
