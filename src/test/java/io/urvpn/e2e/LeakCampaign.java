package io.urvpn.e2e;

import org.junit.jupiter.api.Test;

/** {@link LeakTest} with fifty kills; between two of them the launcher's backoff is reset by ten seconds of health. */
class LeakCampaign {
    private static final int KILLS = 50;

    @Test
    void nothingLeavesInFiftyKills() {
        LeakTest test = new LeakTest();
        try {
            test.leaksNothingIn(KILLS, LeakTest.HEALTHY);
        } finally {
            test.remove();
        }
    }
}
