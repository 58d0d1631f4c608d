package io.urvpn.chart;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A program that checks the chart, from where {@code e2e/chart/tools} puts them. */
enum Tool {
    HELM_UNITTEST("helm-unittest"),
    KUBECONFORM("kubeconform"),
    KUBE_LINTER("kube-linter");

    private final String program;

    Tool(String program) {
        this.program = program;
    }

    /** What it printed, what it complained of, and its exit code. */
    record Run(int exit, String out, String err) {}

    /** Runs it with that input. The test is skipped, and says so, where it could not be compiled. */
    Run run(String input, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(path().toString()));
        command.addAll(arguments);
        Path in = Files.createTempFile(program, ".in");
        Path err = Files.createTempFile(program, ".err");
        try {
            Files.writeString(in, input);
            Process process = new ProcessBuilder(command)
                    .redirectInput(in.toFile())
                    .redirectError(err.toFile())
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), out, Files.readString(err));
        } finally {
            Files.delete(in);
            Files.delete(err);
        }
    }

    private Path path() {
        Path cache = Path.of(
                System.getenv().getOrDefault("URVPN_CACHE", System.getProperty("user.home") + "/.cache/ur-vpn"));
        Path path = cache.resolve("chart-tools").resolve(program);
        if (!Files.isExecutable(path)) {
            System.err.println("SKIPPED: " + path + " is missing: e2e/chart/tools compiles it, or says why it cannot");
            Assumptions.abort(path + " is missing");
        }
        return path;
    }
}
