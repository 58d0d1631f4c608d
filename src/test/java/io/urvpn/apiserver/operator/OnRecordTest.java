package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport.VpnVerification;
import io.urvpn.api.v1alpha1.VerificationReportBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.apiserver.api.ApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was getCleanupStatus(operation_id) is {@code kubectl get vpncleanup}: while it runs, and when all is over. */
class OnRecordTest {
    private static final String LEFT = "interface urv01234567 (index 7, tun)";

    @TempDir
    private Path directory;

    private TestCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new TestCluster();
        Files.writeString(kubeconfig(), ApiServer.running().kubeconfig());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Path kubeconfig() {
        return directory.resolve("kubeconfig");
    }

    private String kubectl(String... arguments) throws IOException, InterruptedException {
        Path binary = Path.of(
                System.getenv("KUBE_API_TEST_DIR"),
                "k8s",
                System.getenv("KUBE_API_TEST_API_SERVER_VERSION") + "-linux-amd64",
                "kubectl");
        List<String> command = new ArrayList<>(
                List.of(binary.toString(), "--kubeconfig", kubeconfig().toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** The fields of the one row, by what stands between them. */
    private String row(String id) throws IOException, InterruptedException {
        List<String> lines =
                kubectl("get", "vpncleanup", id, "-o", "wide").lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().split(" +"))
                .containsExactly(
                        "NAME", "INSTANCE", "OPERATION", "PHASE", "NODES", "VERIFIED", "FAILED", "NEXT", "AGE");
        return lines.getLast().replaceAll(" +", " ");
    }

    private static Verdict leftover(Verdict clean) {
        return VerdictBuilder.builder(clean)
                .clean(false)
                .failed(List.of(Component.VPN_DISCONNECT))
                .errorCode(ErrorCodes.LEFTOVER)
                .report(VerificationReportBuilder.builder(clean.report())
                        .vpn(new VpnVerification(true, 1, LEFT))
                        .build())
                .build();
    }

    private VpnCleanupStatus status() {
        return cluster.cleanups("told").getFirst().getStatus();
    }

    private static void timed(ComponentStatus component) {
        assertThat(component.startedAt())
                .as("start of %s", component.component())
                .isNotNull();
        assertThat(component.completedAt())
                .as("end of %s", component.component())
                .isNotNull();
        assertThat(component.durationMillis())
                .as("duration of %s", component.component())
                .isEqualTo(Duration.between(component.startedAt(), component.completedAt())
                        .toMillis());
    }

    @Test
    void anOperationIsReadByItsIdWhileItRunsWhenItHasFailedAndWhenItIsOver() throws IOException, InterruptedException {
        VpnInstance created = cluster.up(
                "told",
                CleanupPolicyBuilder.builder()
                        .maxRetryAttempts(1)
                        .blockedRetrySeconds(2)
                        .build());
        cluster.kubelets().podsHang(true);
        cluster.agents().answers(OnRecordTest::leftover);
        cluster.admin().resource(created).delete();

        eventually(() -> assertThat(status().nodes())
                .hasSize(2)
                .allMatch(node -> Reasons.WAITING_FOR_PODS.equals(node.pendingReason())));
        String id = cluster.cleanups("told").getFirst().getMetadata().getName();
        whileItWaits(id);

        cluster.kubelets().podsHang(false);
        eventually(() -> assertThat(status().counts().failed()).isEqualTo(2));
        whenItHasFailed(id);

        cluster.agents().answers(verdict -> verdict);
        cluster.gone("told");
        whenItIsOver(id);
    }

    private void whileItWaits(String id) throws IOException, InterruptedException {
        assertThat(row(id)).startsWith(id + " told Delete IN_PROGRESS 2 0 0 ");
        assertThat(kubectl("describe", "vpncleanup", id))
                .contains("THREAD_TERMINATION", "rules_cleared:", "COMPLETED", "PENDING", "waiting for pod");
        VpnCleanupStatus status = status();
        assertThat(status.startedAt()).isNotNull();
        assertThat(status.completedAt()).isNull();
        assertThat(status.components()).extracting(ComponentStatus::component).containsExactly(Component.values());
        status.components().subList(0, 4).forEach(component -> {
            assertThat(component.status()).isEqualTo(ComponentState.COMPLETED);
            assertThat(component.attempt()).isEqualTo(1);
            assertThat(component.evidence()).isNotNull();
            timed(component);
        });
        assertThat(status.components().getLast()).isEqualTo(ComponentStatus.pending(Component.VERIFICATION_JOB));
    }

    private void whenItHasFailed(String id) throws IOException, InterruptedException {
        assertThat(row(id)).startsWith(id + " told Delete FAILED 2 0 2 ");
        assertThat(kubectl("describe", "vpncleanup", id)).contains("FAILED", ErrorCodes.LEFTOVER, LEFT);
        ComponentStatus verification = status().components().getLast();
        assertThat(verification.status()).isEqualTo(ComponentState.FAILED);
        assertThat(verification.startedAt()).isNotNull();
        assertThat(verification.attempt()).isGreaterThanOrEqualTo(2);
        assertThat(verification.error().code()).isEqualTo(ErrorCodes.LEFTOVER);
        assertThat(verification.error().message()).startsWith("node node-").endsWith(LEFT);
        assertThat(verification.evidence().report().vpn().interfaceCount()).isEqualTo(2);
    }

    /** The instance is gone, and its record is whole. */
    private void whenItIsOver(String id) throws IOException, InterruptedException {
        assertThat(row(id)).startsWith(id + " told Delete COMPLETED 2 2 0 ");
        assertThat(kubectl("describe", "vpncleanup", id))
                .contains("COMPLETED", "rules_cleared:", "is clean")
                .doesNotContain("FAILED");
        VpnCleanup cleanup = cluster.cleanups("told").getFirst();
        assertThat(cleanup.getMetadata().getName()).isEqualTo(id);
        assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(cleanup.getStatus().completedAt())
                .isAfterOrEqualTo(cleanup.getStatus().startedAt());
        cleanup.getStatus().components().forEach(component -> {
            assertThat(component.status()).isEqualTo(ComponentState.COMPLETED);
            assertThat(component.error()).isNull();
            assertThat(component.evidence()).isNotNull();
            timed(component);
        });
        assertThat(cleanup.getStatus().components().getLast().attempt()).isGreaterThanOrEqualTo(3);
        assertThat(cleanup.getStatus().components().get(1).evidence().rulesCleared())
                .isEqualTo(2);
        assertThat(cleanup.getStatus().nodes())
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.components()).hasSize(5).allSatisfy(OnRecordTest::timed))
                .allSatisfy(node -> assertThat(node.verdict().clean()).isTrue());
    }
}
