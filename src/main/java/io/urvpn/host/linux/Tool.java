package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A program that is called, without a shell. */
final class Tool {
    private static final int SHOWN = 500;

    /** How it ended. */
    record Result(int exitCode, String output, String errors) {
        boolean succeeded() {
            return exitCode == 0;
        }

        /** The beginning of what it said of its failure. */
        String complaint() {
            String said = errors.strip();
            return "exit code " + exitCode + ": " + said.substring(0, Math.min(said.length(), SHOWN));
        }
    }

    private final String program;
    private final Duration timeout;

    Tool(String program, Duration timeout) {
        this.program = program;
        this.timeout = timeout;
    }

    /**
     * Runs it.
     *
     * @throws HostException of kind TOOL where it is missing or takes too long; then it is ended
     */
    Result run(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new HostException(
                    HostException.Kind.TOOL, program + " cannot be started; is it installed? " + e.getMessage(), e);
        }
        CompletableFuture<String> output = reading(process.getInputStream());
        CompletableFuture<String> errors = reading(process.getErrorStream());
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It has ended without reading all; its exit code says why.
            System.getLogger(Tool.class.getName())
                    .log(System.Logger.Level.DEBUG, program + " did not read its input", e);
        }
        int exitCode = exitCode(process, command);
        try {
            return new Result(exitCode, output.join(), errors.join());
        } catch (CompletionException e) {
            throw new HostException(
                    HostException.Kind.TOOL, String.join(" ", command) + ": its output could not be read", e);
        }
    }

    private static CompletableFuture<String> reading(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.completeExceptionally(new UncheckedIOException(e));
            }
        });
        return text;
    }

    private int exitCode(Process process, List<String> command) {
        String what = String.join(" ", command);
        try {
            if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            process.destroyForcibly();
            throw new HostException(HostException.Kind.TOOL, what + " took longer than " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new HostException(HostException.Kind.TOOL, what + " was interrupted", e);
        }
    }
}
