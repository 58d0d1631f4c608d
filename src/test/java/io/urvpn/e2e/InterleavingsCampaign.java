package io.urvpn.e2e;

import org.junit.jupiter.api.Test;

/**
 * Two hundred instances that are created, edited, hurt and deleted in an order drawn from a seed, which is printed. {@code make
 * campaign CAMPAIGN=InterleavingsCampaign SEED=...} repeats them from that seed on.
 */
class InterleavingsCampaign {
    private static final int INSTANCES = 200;

    @Test
    void eachEndsClean() {
        Interleavings.run(INSTANCES, System::currentTimeMillis);
    }
}
