package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.e2e.KillSwitch.Mode;
import io.urvpn.e2e.KillSwitch.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Operator and agent are killed after each write and each change of a deletion, one deletion for each. Not part of {@code
 * make test}: {@code make campaign} runs it.
 */
class KillPointsCampaign {
    private static final int FEWEST = 20;

    private final List<String> killed = new ArrayList<>();
    private final List<String> notReached = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();

    @Test
    void aDeletionEndsTheSameWhereverAProcessIsKilled() {
        try (KillSwitch killSwitch = KillSwitch.install();
                KilledDeletion deletion = new KilledDeletion(killSwitch)) {
            Map<String, Integer> found = deletion.counted();
            say("found in one deletion: " + found);
            for (Mode mode : Mode.values()) {
                killAfterEach(deletion, mode, "write", found);
                killAfterEach(deletion, mode, "change", found);
            }
            int points = found.values().stream().mapToInt(Integer::intValue).sum();
            say("%d writes and changes found, killed after %d, not reached %d %s, failed %d %s"
                    .formatted(points, killed.size(), notReached.size(), notReached, failed.size(), failed));
            assertThat(failed).isEmpty();
            assertThat(points).as("writes and changes of a deletion").isGreaterThanOrEqualTo(FEWEST);
            assertThat(killed).as("kills").hasSizeGreaterThanOrEqualTo(FEWEST);
        }
    }

    /** One deletion may take a write more than another, so the end is where none is left, not where one was counted. */
    private void killAfterEach(KilledDeletion deletion, Mode mode, String kind, Map<String, Integer> found) {
        int counted = found.get(mode.label() + " " + kind);
        boolean reached = true;
        for (int number = 1; counted > 0 && (number <= counted || reached); number++) {
            Point point = new Point(mode, kind, number);
            long began = System.nanoTime();
            try {
                Optional<String> last = deletion.killedAt(point);
                reached = last.isPresent();
                if (reached) {
                    killed.add(point.toString());
                } else if (number <= counted) {
                    notReached.add(point.toString());
                }
                say("%s, %d s"
                        .formatted(
                                last.map(line -> "killed " + mode.label() + " after " + line)
                                        .orElse("not reached: " + point),
                                (System.nanoTime() - began) / 1_000_000_000));
            } catch (AssertionError | RuntimeException e) {
                failed.add(point.toString());
                say("FAILED " + point + ": " + e.getMessage());
                // the next one tells whether it was this point or the cluster
                deletion.close();
                reached = number < counted;
            }
        }
    }

    private static void say(String text) {
        System.out.println("campaign: " + text);
    }
}
