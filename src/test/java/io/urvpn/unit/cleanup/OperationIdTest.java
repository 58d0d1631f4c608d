package io.urvpn.unit.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.cleanup.OperationId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OperationIdTest {
    private static final String UID = "1b2c3d4e-0000-4000-8000-000000000000";

    @Test
    void isMadeOfTheSecondsOfTheDeletionTheNameAndTheUid() {
        assertThat(OperationId.ofDeletion(Instant.ofEpochSecond(1703123456), "office", UID))
                .isEqualTo("cleanup-1703123456-office-1b2c3d4e");
    }

    @Test
    void cutsALongNameAtFortyCharactersAndDropsWhatAnObjectsNameMayNotHaveBeforeADash() {
        assertThat(OperationId.ofGeneration(7, "a".repeat(39) + ".-" + "b".repeat(20), UID))
                .isEqualTo("cleanup-7-" + "a".repeat(39) + "-1b2c3d4e");
    }
}
