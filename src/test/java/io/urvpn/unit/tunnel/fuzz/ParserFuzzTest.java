package io.urvpn.unit.tunnel.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.tunnel.OpenVpnParser;
import io.urvpn.tunnel.SwanctlParser;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import io.urvpn.unit.tunnel.OpenVpnSpellings;
import io.urvpn.unit.tunnel.SwanctlSamples;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A few seconds of {@link ParserFuzzCampaign}, and that its readings of the daemons see what is dangerous. */
class ParserFuzzTest {
    private static final int TEXTS = 4000;

    static Stream<ParserFuzz> parsers() {
        return Stream.of(ParserFuzz.SWANCTL, ParserFuzz.OPENVPN, ParserFuzz.WIREGUARD);
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void answersEveryTextAndAcceptsNothingDangerous(ParserFuzz parser) {
        ParserFuzz.Counts counts = parser.run(20_260_104L, TEXTS, Duration.ofMinutes(2));
        assertThat(counts.rounds()).isEqualTo(TEXTS);
        // neither only good nor only broken texts would show anything
        assertThat(counts.accepted()).isBetween(TEXTS / 50, TEXTS - TEXTS / 50);
    }

    private static String withChild(String setting) {
        return SwanctlSamples.CERTIFICATE.replace("net { }", "net { \n" + setting + "\n }");
    }

    @Test
    void strongSwansReadingSeesTheDangerousInEachSpelling() {
        for (String setting : SwanctlSpellings.DANGEROUS) {
            List<String> seen = SwanctlSpellings.of(setting)
                    .map(ParserFuzzTest::withChild)
                    .filter(text -> StrongswanReading.danger(text).isPresent())
                    .toList();
            assertThat(seen).as(setting).hasSizeGreaterThanOrEqualTo(7);
            assertThat(seen)
                    .allSatisfy(text -> assertThat(SwanctlParser.parse(text, SwanctlSamples.secret()))
                            .isInstanceOf(Refused.class));
        }
        assertThat(StrongswanReading.danger(SwanctlSamples.PSK)).isEmpty();
        assertThat(StrongswanReading.danger(SwanctlSamples.CERTIFICATE)).isEmpty();
        assertThat(StrongswanReading.danger(SwanctlSamples.EAP)).isEmpty();
    }

    @Test
    void openVpnsReadingSeesTheDangerousInMostSpellings() {
        List<String> seen = OpenVpnSpellings.of("up /bin/true").values().stream()
                .map(spelling -> OpenVpnSamples.WITH_KEYS + spelling + "\n")
                .filter(text -> OpenVpnReading.danger(text).isPresent())
                .toList();
        assertThat(seen).hasSizeGreaterThan(20);
        assertThat(seen)
                .allSatisfy(text -> assertThat(OpenVpnParser.parse(text, OpenVpnSamples.secret()))
                        .isInstanceOf(Refused.class));
        assertThat(OpenVpnReading.danger(OpenVpnSamples.INLINE)).isEmpty();
        assertThat(OpenVpnReading.danger(OpenVpnSamples.WITH_KEYS)).isEmpty();
        assertThat(OpenVpnReading.danger(OpenVpnSamples.WITH_NAME)).isEmpty();
    }
}
