package io.urvpn.kernel.host;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Plain commands: the reader, and the other hand on the node, that share no code with what is tested. */
public final class Command {
    private Command() {}

    /** What it writes; a failure is the test's. */
    public static String run(String... command) {
        return feed("", command);
    }

    /** Words of one line, divided by spaces. */
    public static String line(String line) {
        return run(line.strip().split(" +"));
    }

    /** {@code ip -batch} with these lines. */
    public static void ipBatch(String lines) {
        feed(lines, "ip", "-batch", "-");
    }

    public static String feed(String input, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(List.of(command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
