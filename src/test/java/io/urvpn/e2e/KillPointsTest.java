package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.e2e.KillSwitch.Mode;
import io.urvpn.e2e.KillSwitch.Point;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A fixed sample of what {@link KillPointsCampaign} does at every point. */
class KillPointsTest {
    private static KillSwitch killSwitch;
    private static KilledDeletion deletion;

    @BeforeAll
    static void install() {
        killSwitch = KillSwitch.install();
        deletion = new KilledDeletion(killSwitch);
    }

    @AfterAll
    static void uninstall() {
        deletion.close();
        killSwitch.close();
    }

    static Stream<Point> points() {
        return Stream.of(
                // the cleanup exists, its attachments are not ordered yet
                new Point(Mode.OPERATOR, "write", 1),
                new Point(Mode.OPERATOR, "write", 8),
                new Point(Mode.AGENT, "change", 5),
                // the steps are done, and nobody was told
                new Point(Mode.AGENT, "change", 14));
    }

    @ParameterizedTest
    @MethodSource("points")
    void aDeletionEndsTheSameWhenAProcessIsKilledAt(Point point) {
        assertThat(deletion.killedAt(point)).as("the kill at %s", point).isPresent();
    }
}
