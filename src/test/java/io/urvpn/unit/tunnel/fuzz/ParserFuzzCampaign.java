package io.urvpn.unit.tunnel.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The three parsers and texts at random, a minute for each ({@code urvpn.fuzz.seconds}), from a seed of the day that is
 * printed; {@code urvpn.seed} gives one.
 */
class ParserFuzzCampaign {
    private final long seed = Long.getLong("urvpn.seed", new Random().nextInt(1_000_000_000));
    private final Duration time = Duration.ofSeconds(Long.getLong("urvpn.fuzz.seconds", 60));

    @ParameterizedTest
    @MethodSource("io.urvpn.unit.tunnel.fuzz.ParserFuzzTest#parsers")
    void answersEveryTextAndAcceptsNothingDangerous(ParserFuzz parser) {
        System.out.printf("fuzz: %s, seed %d, %d s%n", parser.name(), seed, time.toSeconds());
        ParserFuzz.Counts counts = parser.run(seed, Integer.MAX_VALUE, time);
        System.out.printf("fuzz: %s, %d texts, %d accepted%n", parser.name(), counts.rounds(), counts.accepted());
        assertThat(counts.accepted()).isPositive();
    }
}
