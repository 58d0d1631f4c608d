package io.urvpn.unit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.unit.cli.Plugin.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kubectl vpn delete} where no operator is: what it asks for, and how it tells what the cleanup says. */
class DeleteTest {
    private static final ObjectMapper JSON = Serialization.mapper();
    private static final Duration LATELY = Duration.ofSeconds(20);
    private static final Duration LONG_AGO = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private Plugin plugin;

    @BeforeEach
    void start() {
        plugin = new Plugin(directory);
    }

    @AfterEach
    void stop() {
        plugin.close();
    }

    private static VpnCleanup ended(OperationPhase phase, Outcome outcome) {
        return Cluster.cleanup(VpnCleanupStatusBuilder.builder()
                .phase(phase)
                .message("as the test says")
                .counts(new Counts(
                        1,
                        outcome == Outcome.VERIFIED ? 1 : 0,
                        outcome == Outcome.NODE_GONE ? 1 : 0,
                        outcome == Outcome.RELEASED ? 1 : 0,
                        0,
                        0))
                .nodes(List.of(VpnCleanupStatusNodeCleanupBuilder.builder()
                        .node("n1")
                        .outcome(outcome)
                        .endedAt(Cluster.BEGAN.plusSeconds(6))
                        .components(List.of(Cluster.done(Component.ROUTING_RULES_CLEAR, 20, 7)))
                        .build()))
                .build());
    }

    /** Messages.md's shape, to the letter. */
    @ParameterizedTest
    @CsvSource({"true,true,running", "true,false,degraded", "false,false,stopped"})
    void asJsonItPrintsTheInitialResponseAndDoesNotWait(boolean first, boolean second, String word) throws Exception {
        plugin.there(
                Cluster.instance(),
                Cluster.up("n1"),
                Cluster.up("n2"),
                Cluster.node("n1", first ? LATELY : LONG_AGO),
                Cluster.node("n2", second ? LATELY : LONG_AGO));
        Run run = plugin.run("delete", "office", "--no-wait", "-o", "json");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(JSON.readTree(run.out())).isEqualTo(JSON.readTree("""
            {"success": true, "message": "VPN instance delete operation initiated - verification will follow",
             "cleanup_status": "initiated", "verification_scheduled": true,
             "cleanup_tracking": {"tracking_enabled": true, "verification_job_scheduled": true, "cron_job_status": "%s"}}
            """.formatted(word)));
        assertThat(plugin.all(VpnInstance.class)).isEmpty();
    }

    @Test
    void aRefusedDeleteSaysWhyInBothShapes() throws Exception {
        plugin.there(Cluster.instance());
        plugin.server
                .expect()
                .delete()
                .withPath("/apis/urvpn.io/v1alpha1/vpninstances/office")
                .andReturn(403, """
                    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403, "message":
                     "vpninstances.urvpn.io \\"office\\" is forbidden: User \\"jane\\" cannot delete resource \\"vpninstances\\" in API group \\"urvpn.io\\" at the cluster scope"}
                    """)
                .always();
        Run run = plugin.run("delete", "office", "-o", "json");
        assertThat(run.exit()).isEqualTo(69);
        assertThat(JSON.readTree(run.out())).isEqualTo(JSON.readTree("""
            {"success": false, "cleanup_status": "rejected", "message":
             "vpninstances.urvpn.io \\"office\\" is forbidden: User \\"jane\\" cannot delete resource \\"vpninstances\\" in API group \\"urvpn.io\\" at the cluster scope"}
            """));
        assertThat(run.err()).contains("--verb=delete --resource=vpninstances.urvpn.io");
        assertThat(plugin.run("delete", "nobody", "-o", "json")).satisfies(none -> {
            assertThat(none.exit()).isEqualTo(64);
            assertThat(JSON.readTree(none.out()).at("/message").asText()).isEqualTo("there is no VpnInstance nobody");
        });
    }

    @ParameterizedTest
    @CsvSource({"COMPLETED,VERIFIED,0", "COMPLETED,NODE_GONE,1", "FAILED,,1", "DEBT_OPEN,RELEASED,2"})
    void itWaitsAndEndsWithACodeForHowItEnded(OperationPhase phase, Outcome outcome, int exit) {
        plugin.there(Cluster.instance(), ended(phase, outcome));
        Run run = plugin.run("delete", "office");
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        assertThat(run.out().lines())
                .contains("VPN instance delete operation initiated - verification will follow")
                .contains("n1 ROUTING_RULES_CLEAR  COMPLETED   7 ms")
                .contains(Cluster.ID + " " + phase + ": as the test says")
                .noneMatch(line -> line.contains("\u001b"));
    }

    /** The object may be there still, or long gone. */
    @ParameterizedTest
    @CsvSource({"COMPLETED,VERIFIED,0", "FAILED,,1", "DEBT_OPEN,RELEASED,2", "IN_PROGRESS,,3"})
    void watchEndsWithTheOperation(OperationPhase phase, Outcome outcome, int exit) {
        plugin.there(Cluster.instance(), ended(phase, outcome));
        Run run = plugin.run("cleanup", "watch", "office", "--timeout", "0s");
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        assertThat(plugin.run("cleanup", "watch", "nobody", "--timeout", "0s")).satisfies(none -> {
            assertThat(none.exit()).isEqualTo(3);
            assertThat(none.out()).contains("waiting for a VpnCleanup of nobody");
        });
    }

    @Test
    void asJsonTheProgressGoesToStandardError() throws Exception {
        plugin.there(Cluster.instance(), ended(OperationPhase.COMPLETED, Outcome.VERIFIED));
        Run run = plugin.run("delete", "office", "-o", "json");
        assertThat(JSON.readTree(run.out()).at("/success").asBoolean()).isTrue();
        assertThat(run.err()).contains("n1 verified", Cluster.ID + " COMPLETED");
    }

    @Test
    void whoRunsOutOfTimeIsToldHowToGoOn() {
        plugin.there(Cluster.instance(), ended(OperationPhase.IN_PROGRESS, null));
        Run run = plugin.run("delete", "office", "--timeout", "0s");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.out())
                .contains("Timed out. The deletion goes on. To follow it: kubectl vpn cleanup watch " + Cluster.ID);
    }

    @Test
    void anInstanceThatIsGoneWithoutACleanupIsNoSuccess() {
        plugin.there(Cluster.instance());
        Run run = plugin.run("delete", "office");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("no VpnCleanup says what became of it on the nodes");
    }
}
