package io.urvpn.unit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.cli.Frame;
import io.urvpn.cli.Frame.Signs;
import io.urvpn.cli.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The picture of an operation on a terminal. */
class FrameTest {
    private static NodeCleanup verified(String node) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .outcome(Outcome.VERIFIED)
                .components(List.of(
                        Cluster.done(Component.THREAD_TERMINATION, 0, 12),
                        Cluster.done(Component.ROUTING_RULES_CLEAR, 12, 4),
                        Cluster.done(Component.VPN_DISCONNECT, 16, 310),
                        Cluster.done(Component.CONFIGURATION_UPDATE, 326, 8),
                        Cluster.done(Component.VERIFICATION_JOB, 5400, 60)))
                .build();
    }

    private static NodeCleanup underWay(String node) {
        return VpnCleanupStatusNodeCleanupBuilder.builder()
                .node(node)
                .pendingReason("StepsRunning")
                .pendingSince(Cluster.BEGAN)
                .components(List.of(
                        Cluster.done(Component.THREAD_TERMINATION, 0, 12),
                        ComponentStatusBuilder.builder()
                                .component(Component.ROUTING_RULES_CLEAR)
                                .status(ComponentState.FAILED)
                                .attempt(2)
                                .error(new ComponentError("RULE", "busy"))
                                .build(),
                        ComponentStatusBuilder.builder()
                                .component(Component.VPN_DISCONNECT)
                                .status(ComponentState.IN_PROGRESS)
                                .build()))
                .build();
    }

    private static VpnCleanup cleanup(List<NodeCleanup> nodes) {
        return Cluster.cleanup(VpnCleanupStatusBuilder.builder()
                .phase(OperationPhase.IN_PROGRESS)
                .counts(new Counts(nodes.size(), nodes.size() - 1, 0, 0, 1, 0))
                .nodes(nodes)
                .message("node n1: its steps run")
                .build());
    }

    private static List<String> picture(List<NodeCleanup> nodes, int columns, int rows) {
        Frame frame = new Frame(
                "office",
                Optional.of(cleanup(nodes)),
                Cluster.BEGAN.plusSeconds(8),
                Duration.ofSeconds(8),
                Signs.UNICODE);
        return frame.lines(columns, rows).stream()
                .map(line -> line.render(columns, false).stripTrailing())
                .toList();
    }

    @Test
    void aRowForEachNodeAndAColumnForEachComponent() {
        assertThat(picture(List.of(underWay("n1"), verified("n2")), 100, 24))
                .containsExactly(
                        "office  cleanup-1795539402-office-40e4e1d2  IN_PROGRESS  8s",
                        "",
                        "NODE  THREAD      ROUTES      VPN         CONFIG      VERIFY      STATE",
                        "n1    ✓ 12 ms     ✗ #2        ⠹           ·           ·           StepsRunning 8s",
                        "n2    ✓ 12 ms     ✓ 4 ms      ✓ 310 ms    ✓ 8 ms      ✓ 60 ms     verified",
                        "",
                        "2 nodes: 1 verified, 1 under way",
                        "node n1: its steps run");
    }

    @Test
    void inANarrowWindowTheSignsAloneAreLeft() {
        assertThat(picture(List.of(underWay("n1"), verified("n2")), 40, 24))
                .contains("NODE  TH RO VP CO VE STATE", "n1    ✓  ✗  ⠹  ·  ·  StepsRunning 8s");
    }

    @ParameterizedTest
    @CsvSource({"20,5", "40,10", "80,24", "200,60", "9,3"})
    void neverWiderNorWithMoreNodesThanThereIsRoomFor(int columns, int rows) {
        List<NodeCleanup> nodes =
                new ArrayList<>(List.of(underWay("a-node-with-a-long-name.of.some.zone.example.com")));
        IntStream.range(0, 500).forEach(i -> nodes.add(verified("n" + i)));
        List<String> lines = picture(nodes, columns, rows);
        assertThat(lines)
                .allSatisfy(line ->
                        assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(columns));
        assertThat(lines).hasSizeLessThan(Math.max(rows, 10));
        assertThat(lines).anyMatch(line -> line.startsWith("and ") || columns < 12);
    }

    @Test
    void colourIsCutWithItsTextAndAlwaysEnds() {
        Line line = new Line().add("ab", Line.Style.GOOD).add("cd\u001b[2J", Line.Style.BAD);
        assertThat(line.render(3, true)).isEqualTo("\u001b[32mab\u001b[0m\u001b[31mc\u001b[0m");
        assertThat(line.render(9, false)).isEqualTo("abcd?[2J");
    }
}
