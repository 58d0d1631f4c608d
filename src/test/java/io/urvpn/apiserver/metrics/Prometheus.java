package io.urvpn.apiserver.metrics;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real Prometheus, of Debian, that scrapes every second. */
final class Prometheus implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = freePort();
    private final Process process;

    /** What a run of promtool said. */
    record Run(int exitCode, String output) {}

    /** Something to scrape on 127.0.0.1, with its labels. */
    record Target(int port, Map<String, String> labels) {}

    /** @param directory where it keeps everything; made anew */
    Prometheus(Path directory, Path rules, List<Target> targets) throws IOException {
        Files.createDirectories(directory);
        Path config = directory.resolve("prometheus.yml");
        Files.writeString(config, config(rules, targets));
        process = new ProcessBuilder(
                        binaries().resolve("prometheus").toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        await("Prometheus, whose log is in " + directory)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> query("vector(1)").size() == 1);
    }

    private static String config(Path rules, List<Target> targets) throws IOException {
        List<Map<String, Object>> jobs = new ArrayList<>();
        for (Target target : targets) {
            jobs.add(Map.of("targets", List.of("127.0.0.1:" + target.port()), "labels", target.labels()));
        }
        // YAML takes JSON
        return JSON.writeValueAsString(Map.of(
                "global",
                Map.of("scrape_interval", "1s", "evaluation_interval", "1s"),
                "rule_files",
                List.of(rules.toAbsolutePath().toString()),
                "scrape_configs",
                List.of(Map.of("job_name", "ur-vpn", "static_configs", jobs))));
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the programs are; a test without them is skipped and says so. */
    private static Path binaries() throws IOException {
        Run run = run(List.of("e2e/prometheus"), false);
        Assumptions.assumeTrue(run.exitCode() == 0, "SKIPPED: there is no Prometheus: e2e/prometheus says why");
        return Path.of(run.output().strip());
    }

    /** Runs promtool. */
    static Run promtool(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(binaries().resolve("promtool").toString()));
        command.addAll(List.of(arguments));
        return run(command, true);
    }

    private static Run run(List<String> command, boolean errorsToo) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(errorsToo);
        if (!errorsToo) {
            builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        }
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Run(process.waitFor(), output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * The series that an expression has now.
     *
     * @throws IllegalArgumentException with Prometheus' own words, where it cannot be evaluated
     */
    JsonNode query(String expression) {
        return get("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result");
    }

    /** The rules that are loaded, with their health. */
    List<JsonNode> rules() {
        List<JsonNode> rules = new ArrayList<>();
        get("rules").path("groups").forEach(group -> group.path("rules").forEach(rules::add));
        return rules;
    }

    private JsonNode get(String what) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + what))
                    .timeout(Duration.ofSeconds(20))
                    .build();
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode answer = JSON.readTree(response.body());
            if (!"success".equals(answer.path("status").asText())) {
                throw new IllegalArgumentException(answer.path("error").asText());
            }
            return answer.path("data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
