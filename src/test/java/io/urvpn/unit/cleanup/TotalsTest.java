package io.urvpn.unit.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.ConfigurationVerification;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReport.ThreadVerification;
import io.urvpn.api.v1alpha1.VerificationReport.VpnVerification;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.cleanup.Totals;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TotalsTest {
    private static final Instant T = Instant.parse("2026-11-01T12:00:00Z");

    private static NodeCleanup node(String name, ComponentStatus... components) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(name)
                .components(Arrays.asList(components))
                .build();
    }

    private static ComponentStatus routing(ComponentState state, int offset, Integer routes, ComponentError error) {
        return new ComponentStatus(
                Component.ROUTING_RULES_CLEAR,
                state,
                T.plusSeconds(offset),
                state == ComponentState.IN_PROGRESS ? null : T.plusSeconds(offset + 2),
                2000L,
                1,
                error,
                EvidenceBuilder.builder().routesCleared(routes).build());
    }

    private static ComponentStatus routing(NodeCleanup... nodes) {
        return Totals.components(List.of(nodes), T).stream()
                .filter(c -> c.component() == Component.ROUTING_RULES_CLEAR)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aComponentIsCompletedWhenItIsOnEachNodeAndItsTimesSpanThem() {
        var sum = routing(
                node("n1", routing(ComponentState.COMPLETED, 0, 2, null)),
                node("n2", routing(ComponentState.COMPLETED, 3, 4, null)));
        assertThat(sum.status()).isEqualTo(ComponentState.COMPLETED);
        assertThat(sum.startedAt()).isEqualTo(T);
        assertThat(sum.completedAt()).isEqualTo(T.plusSeconds(5));
        assertThat(sum.durationMillis()).isEqualTo(5000);
        assertThat(sum.evidence().routesCleared()).isEqualTo(6);
    }

    @Test
    void aComponentIsInProgressWhileItIsDoneOnSomeNodesOnly() {
        assertThat(routing(node("n1", routing(ComponentState.COMPLETED, 0, 2, null)), node("n2"))
                        .status())
                .isEqualTo(ComponentState.IN_PROGRESS);
    }

    @Test
    void aFailureOutweighsTheRestAndNamesItsNode() {
        var sum = routing(
                node("n1", routing(ComponentState.COMPLETED, 0, 2, null)),
                node("n2", routing(ComponentState.FAILED, 0, 0, new ComponentError("TimedOut", "after 60 s"))));
        assertThat(sum.status()).isEqualTo(ComponentState.FAILED);
        assertThat(sum.error()).isEqualTo(new ComponentError("TimedOut", "node n2: after 60 s"));
    }

    @Test
    void anOperationWithoutNodesHasNothingToDo() {
        assertThat(Totals.components(List.of(), T))
                .hasSize(5)
                .allMatch(component -> component.status() == ComponentState.COMPLETED);
    }

    @Test
    void reportsAddUpBooleansByOrAndCountsBySum() {
        var clean = new VerificationReport(
                "office",
                new ThreadVerification(false, false, VerificationReport.NO_THREAD),
                new RoutingVerification(false, 0, VerificationReport.NO_ROUTING),
                new VpnVerification(false, 0, VerificationReport.NO_VPN),
                new ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION));
        var left = new VerificationReport(
                "office",
                new ThreadVerification(false, false, VerificationReport.NO_THREAD),
                new RoutingVerification(true, 2, "rule 20000: from all lookup 20000"),
                new VpnVerification(false, 0, VerificationReport.NO_VPN),
                new ConfigurationVerification(true, VerificationReport.NOT_READ));
        assertThat(Totals.report(List.of(clean, left, left)))
                .contains(new VerificationReport(
                        "office",
                        clean.thread(),
                        new RoutingVerification(true, 4, "rule 20000: from all lookup 20000"),
                        clean.vpn(),
                        left.configuration()));
        assertThat(Totals.report(List.of(clean, clean))).contains(clean);
    }
}
