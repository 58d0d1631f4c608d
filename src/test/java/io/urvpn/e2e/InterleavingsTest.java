package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A sample of {@link InterleavingsCampaign}, the same each time. */
class InterleavingsTest {
    private static final int INSTANCES = 20;
    private static final long SEED = 20;

    @Test
    void aSeedDrawsTheSameEachTime() {
        assertThat(Interleaving.of(SEED, Interleavings.AT_ONCE))
                .isEqualTo(Interleaving.of(SEED, Interleavings.AT_ONCE))
                .isNotEqualTo(Interleaving.of(SEED + 1, Interleavings.AT_ONCE));
    }

    @Test
    void eachEndsClean() {
        Interleavings.run(INSTANCES, () -> SEED);
    }
}
