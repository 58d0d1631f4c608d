package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.cleanup.Totals;
import io.urvpn.operator.CompactNodes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The evidence of many nodes fits into one object that people can read. */
class CompactNodesTest {
    private static final Instant AT = Instant.parse("2026-11-01T12:00:00Z");
    /** What is left for the nodes where their names in the spec and in the metadata are not many. */
    private static final int BYTES = 200 * 1024;

    private static final String DETAIL =
            "gone: interface urv01234567 (index 7, tun), and the process that held it, 4711";

    private static NodeCleanup node(int number, boolean clean) {
        List<ComponentStatus> components = Arrays.stream(Component.values())
                .map(component -> new ComponentStatus(
                        component,
                        clean || component != Component.VPN_DISCONNECT
                                ? ComponentState.COMPLETED
                                : ComponentState.FAILED,
                        AT,
                        AT.plusMillis(number),
                        (long) number,
                        1,
                        clean ? null : new ComponentError("Leftover", DETAIL),
                        EvidenceBuilder.builder()
                                .rulesCleared(component == Component.ROUTING_RULES_CLEAR ? 2 : null)
                                .routesCleared(component == Component.ROUTING_RULES_CLEAR ? 3 : null)
                                .processesEnded(component == Component.VPN_DISCONNECT ? 1 : null)
                                .xfrmRemoved(component == Component.VPN_DISCONNECT ? 2 : null)
                                .connectionsRemoved(component == Component.VPN_DISCONNECT ? 3 : null)
                                .details(List.of(DETAIL, DETAIL))
                                .build()))
                .toList();
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node("ip-10-0-%d.eu-central-1.compute.internal".formatted(number))
                .attachmentUid(UUID.randomUUID().toString())
                .machineKey("6d824dbcf97d6e44f4eaeeef7083ed88")
                .outcome(clean ? Outcome.VERIFIED : null)
                .endedAt(clean ? AT.plusSeconds(number) : null)
                .components(components)
                .verdict(VerdictBuilder.builder()
                        .operationId("cleanup-1795539402-office-40e4e1d2")
                        .clean(clean)
                        .report(VerificationReport.notRead("office"))
                        .build())
                .attempts(1)
                .build();
    }

    private static int size(Object value) {
        try {
            return Serialization.mapper().writeValueAsBytes(value).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<NodeCleanup> nodes(int failed, int clean) {
        List<NodeCleanup> nodes = new ArrayList<>();
        IntStream.range(0, failed).forEach(i -> nodes.add(node(i, false)));
        IntStream.range(failed, failed + clean).forEach(i -> nodes.add(node(i, true)));
        return nodes;
    }

    @Test
    void fiveHundredNodesFitAndThoseThatFailedAreWhole() {
        List<NodeCleanup> all = nodes(10, 490);
        List<NodeCleanup> kept = CompactNodes.within(all, BYTES);

        assertThat(size(all)).isGreaterThan(800_000);
        assertThat(size(kept)).isLessThan(240 * 1024);
        assertThat(kept).hasSize(500);
        assertThat(kept.subList(0, 10)).isEqualTo(all.subList(0, 10));
        assertThat(kept.getLast()).satisfies(last -> {
            assertThat(last.components()).isNull();
            assertThat(last.componentMillis()).containsExactly(499L, 499L, 499L, 499L, 499L);
            assertThat(last.outcome()).isEqualTo(Outcome.VERIFIED);
            assertThat(last.machineKey()).isNotNull();
            assertThat(last.attachmentUid()).isEqualTo(all.getLast().attachmentUid());
        });
    }

    @Test
    void whatIsSummedUpIsTheSameBeforeAndAfter() {
        List<NodeCleanup> all = nodes(0, 500);
        var before = Totals.components(all, AT);
        var after = Totals.components(CompactNodes.expand(CompactNodes.within(all, BYTES)), AT);
        for (Component component : Component.values()) {
            assertThat(after.get(component.ordinal()).status())
                    .isEqualTo(before.get(component.ordinal()).status());
        }
        var routing = after.get(Component.ROUTING_RULES_CLEAR.ordinal()).evidence();
        assertThat(routing.rulesCleared()).isEqualTo(1000);
        assertThat(routing.routesCleared()).isEqualTo(1500);
        var disconnect = after.get(Component.VPN_DISCONNECT.ordinal()).evidence();
        assertThat(disconnect.processesEnded()).isEqualTo(500);
        assertThat(disconnect.xfrmRemoved()).isEqualTo(1000);
        assertThat(disconnect.connectionsRemoved()).isEqualTo(1500);
    }

    @Test
    void countsOfAnEarlierVersionAreRead() {
        NodeCleanup earlier = VpnCleanupStatusNodeCleanupBuilder.builder(node(1, true))
                .components(null)
                .removed(List.of(2, 3, 1, 1, 1, 4))
                .componentMillis(List.of(1L, 1L, 1L, 1L, 1L))
                .build();
        var disconnect = Totals.components(CompactNodes.expand(List.of(earlier)), AT)
                .get(Component.VPN_DISCONNECT.ordinal())
                .evidence();
        assertThat(disconnect.packetFilterTablesRemoved()).isEqualTo(1);
        assertThat(disconnect.xfrmRemoved()).isNull();
        assertThat(disconnect.connectionsRemoved()).isNull();
    }

    @Test
    void aFewNodesStayWhole() {
        List<NodeCleanup> few = nodes(1, 20);
        assertThat(CompactNodes.within(few, BYTES)).isEqualTo(few);
    }

    @Test
    void fiveHundredNodesUnderWayFitToo() {
        List<NodeCleanup> underWay = nodes(0, 500).stream()
                .map(node -> VpnCleanupStatusNodeCleanupBuilder.builder(node)
                        .outcome(null)
                        .endedAt(null)
                        .verdict(null)
                        .build())
                .toList();
        assertThat(size(CompactNodes.within(underWay, BYTES))).isLessThan(256 * 1024);
    }
}
