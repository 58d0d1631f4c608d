package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.urvpn.api.v1alpha1.Serialization;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed plugin, as a person uses it: from the status to a deletion that is watched, left and found again. */
class PluginTest {
    private static final int CTRL_C = 3;

    private final Tunnel tunnel = Tunnel.named("plugin");

    @TempDir
    private Path directory;

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
        Cluster.Result installed = Cluster.run("", List.of("e2e/install-plugin", directory.toString()));
        assertThat(installed.exit()).as(installed.out()).isZero();
        assertThat(directory.resolve(".kubectl-vpn/classes.aot")).isNotEmptyFile();
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
