package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.Config;
import io.urvpn.api.v1alpha1.Serialization;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed plugin, as a person uses it: from the status to a deletion that is watched, left and found again. */
class PluginTest {
    private static final int CTRL_C = 3;

    private final Tunnel tunnel = Tunnel.named("plugin");

    @TempDir
    private static Path directory;

    @BeforeAll
    static void install() {
        Cluster.Result installed = Cluster.run("", List.of("e2e/plugin/install", directory.toString()));
        assertThat(installed.exit()).as(installed.out()).isZero();
        assertThat(directory.resolve(".kubectl-vpn/classes.aot")).isNotEmptyFile();
    }

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    private Cluster.Result plugin(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(directory.resolve("kubectl-vpn").toString()));
        command.addAll(Arrays.asList(arguments));
        return Cluster.run("", command);
    }

    private String successful(String... arguments) {
        Cluster.Result result = plugin(arguments);
        assertThat(result.exit()).as(result.out()).isZero();
        return result.out();
    }

    @Test
    void aDeletionIsShownLiveGoesOnAfterCtrlCAndEndsVerified() throws Exception {
        // long enough for a slow machine to show the picture before the end
        tunnel.cleanup("{verificationDelaySeconds: 20}").apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();

        JsonNode status = Serialization.mapper()
                .readTree(successful("status", tunnel.name, "-o", "json"))
                .at("/instances/0");
        assertThat(status.at("/ready").asInt()).isEqualTo(2);
        assertThat(status.at("/tunnels/1/node").asText()).isEqualTo("n2");
        assertThat(successful("nodes")).contains("n1", "n2", "tun");
        assertThat(successful("__complete", "--", "delete", "plug").lines()).contains(tunnel.name);

        String seen = deleteAndLeave();
        assertThat(seen).contains("\u001b[?2026h", "n1", "n2", "THREAD", "VERIFY", "The deletion goes on.");
        String id = tunnel.operation().orElseThrow().getMetadata().getName();
        assertThat(seen).contains("kubectl vpn cleanup watch " + id);

        assertThat(successful("cleanup", "watch", id))
                .contains("n1 verified", "n2 verified", id + " COMPLETED")
                .doesNotContain("\u001b");
        assertThat(successful("report", id, "-o", "html")).contains("<svg", "n1 THREAD_TERMINATION COMPLETED");
        for (String node : Tunnel.NODES) {
            // a kubelet that hears late of a pod's end makes its directory once more, which a sweep takes
            await().atMost(Duration.ofSeconds(75)).untilAsserted(() -> new Node(node).hasNoTraceOf(uid, link));
        }
    }

    @Test
    void anApiServerIsTrustedByTheAuthorityThatTheKubeconfigNamesAndByNoOther() throws Exception {
        Path its = directory.resolve("its.pem");
        Config config =
                Config.fromKubeconfig(Path.of(System.getenv("KUBECONFIG")).toFile());
        Files.writeString(
                its,
                config.getCaCertData() == null
                        ? read(Path.of(config.getCaCertFile()))
                        : new String(Base64.getDecoder().decode(config.getCaCertData()), StandardCharsets.US_ASCII));
        Path store = directory.resolve("store");
        keytool("-importcert", "-noprompt", "-alias", "its", "-file", its.toString(), "-keystore", store.toString());
        Path keys = directory.resolve("keys");
        keytool("-genkeypair", "-alias", "other", "-keyalg", "EC", "-dname", "CN=other", "-keystore", keys.toString());
        Path other = directory.resolve("other.pem");
        keytool("-exportcert", "-rfc", "-alias", "other", "-file", other.toString(), "-keystore", keys.toString());

        // with its authority the JVM trusts the server, and the server does not know the user
        assertThat(statusWith(config.getMasterUrl(), its, store)).contains("system:anonymous");
        assertThat(statusWith(config.getMasterUrl(), other, store)).contains("no trusted connection to the API server");
    }

    private static void keytool(String... arguments) {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/keytool"));
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of("-storepass", "changeit"));
        Cluster.Result result = Cluster.run("", command);
        assertThat(result.exit()).as(result.out()).isZero();
    }

    /** What is said to nobody in particular, where the JVM trusts the authorities of a store. */
    private String statusWith(String server, Path authority, Path store) throws IOException {
        Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: here, cluster: {server: "%s", certificate-authority: "%s"}}]
                users: [{name: nobody, user: {}}]
                contexts: [{name: here, context: {cluster: here, user: nobody}}]
                current-context: here
                """.formatted(server, authority));
        String options = "-Djavax.net.ssl.trustStore=" + store + " -Djavax.net.ssl.trustStorePassword=changeit";
        return Cluster.run(
                        "",
                        List.of(
                                "env",
                                "JDK_JAVA_OPTIONS=" + options,
                                directory.resolve("kubectl-vpn").toString(),
                                "status",
                                "--kubeconfig",
                                kubeconfig.toString()))
                .out();
    }

    /** On a terminal of 100 columns, until the picture has both nodes; then Ctrl-C is typed. */
    private String deleteAndLeave() throws IOException, InterruptedException {
        Path typescript = directory.resolve("typescript");
        ProcessBuilder builder = new ProcessBuilder(
                        "env",
                        "--default-signal=INT",
                        "TERM=xterm",
                        "script",
                        "-qefc",
                        "stty cols 100 rows 30; exec '" + directory.resolve("kubectl-vpn") + "' delete " + tunnel.name,
                        "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(typescript.toFile());
        Process terminal = builder.start();
        try (OutputStream keyboard = terminal.getOutputStream()) {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(100))
                    .untilAsserted(() -> assertThat(read(typescript)).contains("THREAD", "n1 ", "n2 "));
            keyboard.write(CTRL_C);
            keyboard.flush();
            assertThat(terminal.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(terminal.exitValue()).as(read(typescript)).isEqualTo(130);
            return read(typescript);
        } finally {
            terminal.destroyForcibly();
        }
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
