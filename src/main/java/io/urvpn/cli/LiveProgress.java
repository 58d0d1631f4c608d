package io.urvpn.cli;

import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.cli.Terminal.Size;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Draws one picture over the last one. A picture is one write, in which each line is written before the rest of the line is
 * cleared, and nothing is cleared that is written again: so nothing flickers. Lines do not wrap.
 */
final class LiveProgress implements Progress {
    private static final String BEGIN = "\u001b[?2026h\u001b[?25l\u001b[?7l";
    private static final String END = "\u001b[?7h\u001b[?25h\u001b[?2026l";
    private static final String CLEAR_REST_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final String name;
    private final Frame.Signs signs;
    private final boolean colour;
    private final Supplier<Size> size;
    private final long began = System.nanoTime();
    private int drawn;
    private boolean closed;

    LiveProgress(PrintWriter out, String name, Frame.Signs signs, boolean colour, Supplier<Size> size) {
        this.out = out;
        this.name = name;
        this.signs = signs;
        this.colour = colour;
        this.size = size;
    }

    @Override
    public synchronized void show(Optional<VpnCleanup> cleanup) {
        if (closed) {
            return;
        }
        Size now = size.get();
        Frame frame = new Frame(name, cleanup, Instant.now(), Duration.ofNanos(System.nanoTime() - began), signs);
        List<Line> lines = frame.lines(now.columns(), now.rows());
        // what does not fit would scroll, and could not be drawn over
        List<Line> fit = lines.subList(0, Math.min(lines.size(), Math.max(1, now.rows() - 1)));
        StringBuilder picture = new StringBuilder(BEGIN);
        up(picture, Math.min(drawn, now.rows() - 1));
        fit.forEach(line -> picture.append(line.render(now.columns(), colour))
                .append(CLEAR_REST_OF_LINE)
                .append("\n"));
        picture.append(CLEAR_BELOW).append(END);
        out.print(picture);
        out.flush();
        drawn = fit.size();
    }

    private static void up(StringBuilder picture, int lines) {
        picture.append('\r');
        if (lines > 0) {
            picture.append("\u001b[").append(lines).append('A');
        }
    }

    @Override
    public synchronized void say(String line) {
        // over the ^C that a terminal has written
        out.print("\r" + CLEAR_REST_OF_LINE);
        out.println(line);
        out.flush();
        drawn = 0;
    }

    @Override
    public synchronized void close() {
        closed = true;
        out.flush();
    }
}
