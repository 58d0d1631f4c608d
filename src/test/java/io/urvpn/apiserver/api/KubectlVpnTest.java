package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.cli.KubectlVpn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The kubectl plugin against objects that a test writes. */
class KubectlVpnTest {
    private static final String ID = "cleanup-1795539402-office-40e4e1d2";
    private static final String UID = "40e4e1d2-04d2-4b4e-8990-4889516d41cc";

    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();

    @TempDir
    private Path directory;

    private record Run(int exit, String out, String err) {}

    private Run run(String... arguments) {
        try {
            Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            CommandLine line =
                    KubectlVpn.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            List<String> all = new ArrayList<>(Arrays.asList(arguments));
            if (!all.contains("--kubeconfig")) {
                all.addAll(0, List.of("--kubeconfig", kubeconfig.toString()));
            }
            return new Run(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void anOperation() {
        server.forget();
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.setMetadata(new ObjectMetaBuilder().withName(ID).build());
        cleanup.setSpec(VpnCleanupSpecBuilder.builder()
                .operation(Operation.DELETE)
                .instance(new InstanceReference("office", UID))
                .type(VpnType.WIREGUARD)
                .interfaceName("urv40e4e1d2")
                .requestedAt(Instant.parse("2026-11-01T12:00:00Z"))
                .nodes(List.of(new CoveredNode("node-1", "vpnatt-1")))
                .policy(CleanupPolicyBuilder.builder().build())
                .build());
        admin.resource(cleanup).create();
    }

    @AfterEach
    void nothingOfOurs() {
        server.forget();
    }

    private void status(OperationPhase phase, Outcome outcome) {
        VpnCleanup stored = admin.resources(VpnCleanup.class).withName(ID).get();
        boolean read = outcome == Outcome.VERIFIED;
        stored.setStatus(VpnCleanupStatusBuilder.builder()
                .phase(phase)
                .message("as the test says")
                .counts(new Counts(
                        1,
                        read ? 1 : 0,
                        outcome == Outcome.NODE_GONE ? 1 : 0,
                        outcome == Outcome.RELEASED ? 1 : 0,
                        0,
                        0))
                .nodes(List.of(VpnCleanupStatusNodeCleanupBuilder.builder()
                        .node("node-1")
                        .outcome(outcome)
                        .pendingReason(outcome == null ? "WaitingForAgent" : null)
                        .build()))
                .build());
        admin.resource(stored).updateStatus();
    }

    @ParameterizedTest
    @CsvSource({"COMPLETED,VERIFIED,0", "COMPLETED,NODE_GONE,1", "FAILED,,1", "DEBT_OPEN,RELEASED,2", "IN_PROGRESS,,3"})
    void watchEndsWithACodeForHowItEnded(OperationPhase phase, Outcome outcome, int exit) {
        status(phase, outcome);
        Run run = run("cleanup", "watch", "office", "--timeout", "1s");
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        assertThat(run.out()).contains(ID + " " + phase + ": as the test says");
    }

    @Test
    void anInstanceWithoutAnOperationIsWaitedForUntilTheTimeIsOver() {
        Run run = run("cleanup", "watch", "nobody", "--timeout", "1s");
        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.out()).contains("waiting for a VpnCleanup of nobody");
    }

    @Test
    void listAndShowFindItByInstanceAndById() {
        status(OperationPhase.DEBT_OPEN, Outcome.RELEASED);
        assertThat(run("cleanup", "list").out()).contains("OPERATION-ID", ID, "office", "DEBT_OPEN", "0/1");
        assertThat(run("cleanup", "list", "--instance", "other").out()).doesNotContain(ID);
        assertThat(run("cleanup", "show", "office").out()).contains("Node node-1: released");
        assertThat(run("cleanup", "show", ID, "-o", "json").out()).contains("\"phase\" : \"DEBT_OPEN\"");
    }

    @Test
    void whatIsSaidStandsInTheCallersNameWithItsReason() {
        Run run = run("cleanup", "force", ID, "--node", "node-1", "--reason", "scrapped", "--yes");
        assertThat(run.exit()).as(run.err()).isZero();
        String me = admin.resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
        assertThat(annotation("urvpn.io/force")).isEqualTo(me + ": *@node-1 scrapped");
        run("cleanup", "skip", "office", "--component", "VPN_DISCONNECT", "--reason", "hangs");
        assertThat(annotation("urvpn.io/skip")).isEqualTo(me + ": VPN_DISCONNECT@* hangs");
        run("cleanup", "retry", ID, "--reason", "again");
        assertThat(annotation("urvpn.io/retry")).isEqualTo(me + ": again");
    }

    private String annotation(String key) {
        return admin.resources(VpnCleanup.class)
                .withName(ID)
                .get()
                .getMetadata()
                .getAnnotations()
                .get(key);
    }

    @Test
    void aWrongCommandLineIsToldInALine() {
        assertThat(run("cleanup", "retry", ID)).satisfies(run -> {
            assertThat(run.exit()).isEqualTo(64);
            assertThat(run.err()).contains("--reason").doesNotContain("\tat ");
        });
        assertThat(run("cleanup", "force", ID, "--reason", "why").exit()).isEqualTo(64);
        assertThat(run("cleanup", "show", "nobody")).satisfies(run -> {
            assertThat(run.exit()).isEqualTo(64);
            assertThat(run.err()).contains("there is no VpnCleanup of nobody");
        });
        assertThat(run("plan", "nobody").err()).contains("there is no VpnInstance nobody");
        assertThat(run("cleanup", "watch", ID, "--timeout", "soon").err()).contains("--timeout is 'soon'");
    }

    private String kubeconfig(String token) {
        return """
            apiVersion: v1
            kind: Config
            clusters: [{name: here, cluster: {server: "%s", certificate-authority-data: "%s"}}]
            users: [{name: deployer, user: {token: "%s"}}]
            contexts: [{name: here, context: {cluster: here, user: deployer}}]
            current-context: here
            """.formatted(
                        server.config().getMasterUrl(),
                        Base64.getEncoder().encodeToString(authority().getBytes(StandardCharsets.US_ASCII)),
                        token);
    }

    /** As the administrator's kubeconfig has it: as data, or as a file. */
    private String authority() {
        String data = server.config().getCaCertData();
        try {
            return data == null
                    ? Files.readString(Path.of(server.config().getCaCertFile()))
                    : new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the words of a real API server, and granted by a real kubectl. */
    @Test
    void theCommandThatIsNamedGrantsTheRightThatIsMissing() throws Exception {
        admin.serviceAccounts()
                .inNamespace("default")
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("deployer")
                        .endMetadata()
                        .build())
                .create();
        String token = admin.serviceAccounts()
                .inNamespace("default")
                .withName("deployer")
                .tokenRequest()
                .getStatus()
                .getToken();
        Path file = Files.writeString(directory.resolve("deployer"), kubeconfig(token));
        try {
            Run refused = run("cleanup", "list", "--kubeconfig", file.toString());
            assertThat(refused.exit()).as(refused.out()).isEqualTo(69);
            assertThat(refused.err())
                    .contains("missing: the verb list on vpncleanups.urvpn.io, for"
                            + " system:serviceaccount:default:deployer");
            String command = refused.err()
                    .lines()
                    .filter(line -> line.startsWith("  kubectl "))
                    .findFirst()
                    .orElseThrow();
            assertThat(kubectl(command)).contains("clusterrolebinding", "created");
            await().untilAsserted(() -> assertThat(run("cleanup", "list", "--kubeconfig", file.toString()))
                    .satisfies(run -> assertThat(run.exit()).as(run.err()).isZero()));
            assertThat(kubectl("kubectl create clusterrole ur-vpn-test --verb=retry --resource=vpncleanups.urvpn.io"))
                    .contains("created");
        } finally {
            admin.serviceAccounts().inNamespace("default").withName("deployer").delete();
            kubectl("kubectl delete clusterrole,clusterrolebinding --ignore-not-found ur-vpn-test"
                    + " ur-vpn-list-vpncleanups-system-serviceaccount-default-deployer");
        }
    }

    private String kubectl(String command) throws IOException, InterruptedException {
        Path binaries = Path.of(
                System.getenv("KUBE_API_TEST_DIR"),
                "k8s",
                System.getenv("KUBE_API_TEST_API_SERVER_VERSION") + "-linux-amd64");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
        builder.environment().put("PATH", binaries.toAbsolutePath() + ":" + System.getenv("PATH"));
        builder.environment()
                .put(
                        "KUBECONFIG",
                        Files.writeString(directory.resolve("admin"), server.kubeconfig())
                                .toString());
        Process kubectl = builder.start();
        String said = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        kubectl.waitFor();
        return said;
    }
}
