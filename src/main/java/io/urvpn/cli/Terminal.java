package io.urvpn.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What the plugin's output goes to. The start script looks, since Java cannot: isatty(3) of each stream. */
final class Terminal {
    private static final String STREAMS = "urvpn.terminals";

    private Terminal() {}

    /** Columns and rows. */
    record Size(int columns, int rows) {
        private static final Size USUAL = new Size(80, 24);
    }

    /** True where pictures can be drawn on that stream: {@code out} or {@code err}. */
    static boolean draws(String stream) {
        Set<String> terminals = Set.of(System.getProperty(STREAMS, "").split(","));
        String kind = System.getenv("TERM");
        return terminals.contains(stream) && kind != null && !kind.equals("dumb");
    }

    /** See no-color.org. */
    static boolean colours() {
        String no = System.getenv("NO_COLOR");
        return no == null || no.isEmpty();
    }

    /** What the characters of that set can show. */
    static Frame.Signs signs(Charset charset) {
        return charset.newEncoder().canEncode("\u2713\u280b") ? Frame.Signs.UNICODE : Frame.Signs.ASCII;
    }

    /** As it is now; a window may change. */
    static Size size() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            stty.waitFor(1, TimeUnit.SECONDS);
            return read(said).orElse(Size.USUAL);
        } catch (IOException e) {
            return Size.USUAL;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Size.USUAL;
        }
    }

    /** Of "rows columns"; empty where a terminal does not know its size, which it says by zeros. */
    static Optional<Size> read(String said) {
        String[] words = said.strip().split(" ");
        if (words.length != 2 || !words[0].matches("[1-9][0-9]{0,4}") || !words[1].matches("[1-9][0-9]{0,4}")) {
            return Optional.empty();
        }
        return Optional.of(new Size(Integer.parseInt(words[1]), Integer.parseInt(words[0])));
    }
}
