package io.urvpn.unit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.tunnel.OpenVpnParser;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing passes that would run, load, write or read what is not the tunnel's, however it is written. */
class OpenVpnRefusalsTest {
    private static final int ROUNDS = 5_000;
    private static final List<String> GOOD =
            List.of(OpenVpnSamples.INLINE, OpenVpnSamples.WITH_KEYS, OpenVpnSamples.WITH_NAME);
    private final Map<String, byte[]> secret = OpenVpnSamples.secret();

    static Stream<String> dangerous() {
        return OpenVpnSpellings.DANGEROUS.stream();
    }

    private boolean passes(String text) {
        return !(OpenVpnParser.parse(text, secret) instanceof Refused);
    }

    @ParameterizedTest
    @MethodSource("dangerous")
    void isRefusedInEverySpelling(String directive) {
        OpenVpnSpellings.of(directive).forEach((how, spelling) -> {
            for (String good : GOOD) {
                assertThat(passes(good + spelling + "\n"))
                        .as(how + ", at the end")
                        .isFalse();
                assertThat(passes(spelling + "\n" + good))
                        .as(how + ", at the start")
                        .isFalse();
                assertThat(passes("\uFEFF" + spelling + "\n" + good))
                        .as(how + ", behind a mark")
                        .isFalse();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("dangerous")
    void isRefusedNamingItsLineAndItselfAndWhatToDo(String directive) {
        var refused = (Refused) OpenVpnParser.parse(OpenVpnSamples.WITH_KEYS + directive + "\n", secret);
        assertThat(refused.problem().line()).isEqualTo(25);
        assertThat(refused.problem().message())
                .startsWith(directive.split(" ")[0] + " ")
                .hasSizeGreaterThan(30);
    }

    static Stream<String> allowed() {
        return OpenVpnSpellings.ALLOWED.stream();
    }

    @ParameterizedTest
    @MethodSource("allowed")
    void whatATunnelNeedsPasses(String directive) {
        assertThat(OpenVpnParser.parse(OpenVpnSamples.WITH_KEYS + directive + "\n", secret))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void thePageHasEverythingThatPasses() throws IOException {
        String page = Files.readString(Path.of("docs/openvpn.md"));
        assertThat(OpenVpnSpellings.ALLOWED)
                .allSatisfy(directive ->
                        assertThat(page).containsPattern("`" + directive.split(" ")[0] + "[` ]"));
    }

    @Test
    void isRefusedWhereverItStands() {
        long seed = Long.getLong("urvpn.seed", 20_260_101L);
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> lines = GOOD.get(random.nextInt(GOOD.size())).lines().toList();
            List<String> ways = List.copyOf(
                    OpenVpnSpellings.of(one(random, OpenVpnSpellings.DANGEROUS)).values());
            int at = outsideOfBlocks(lines, random);
            String text = String.join("\n", lines.subList(0, at)) + "\n" + one(random, ways) + "\n"
                    + String.join("\n", lines.subList(at, lines.size()));
            assertThat(passes(text))
                    .as("seed %d, round %d: %s", seed, round, text)
                    .isFalse();
        }
    }

    /** Within a block it would be text of the block. */
    private static int outsideOfBlocks(List<String> lines, Random random) {
        while (true) {
            int at = random.nextInt(lines.size() + 1);
            long open = lines.subList(0, at).stream()
                    .filter(line -> line.matches("<[a-z].*"))
                    .count();
            long closed = lines.subList(0, at).stream()
                    .filter(line -> line.startsWith("</"))
                    .count();
            if (open == closed) {
                return at;
            }
        }
    }

    /** A mutation may well be good; it never ends in anything but an answer, and lets nothing dangerous through. */
    @Test
    void mutationsOfAGoodFileAreAlwaysAnsweredAndNeverOpenTheWay() {
        long seed = Long.getLong("urvpn.seed", 20_260_102L);
        Random random = new Random(seed);
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder text = new StringBuilder(GOOD.get(random.nextInt(GOOD.size())));
            for (int change = random.nextInt(4); change >= 0; change--) {
                OpenVpnSpellings.mutate(text, random);
            }
            boolean good = passes(text.toString());
            accepted += good ? 1 : 0;
            String directive = one(random, OpenVpnSpellings.DANGEROUS);
            // what is good has no open block at its end, so openvpn would see the line
            assertThat(good && passes(text + "\n" + directive + "\n"))
                    .as("seed %d, round %d: %s behind %s", seed, round, directive, text)
                    .isFalse();
        }
        assertThat(accepted).as("accepted of %d with seed %d", ROUNDS, seed).isBetween(50, ROUNDS - 50);
    }

    private static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
