package io.urvpn.kernel.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.tunnel.OpenVpnParser;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import io.urvpn.unit.tunnel.OpenVpnSpellings;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The parser and the real daemon see the same in a configuration. The daemon reads a file to its last line, which is an
 * error for it in any case, and ends before it does anything: that it names this line shows that it took all before it.
 */
class OpenVpnDaemonTest {
    private static final String LAST_LINE = "\"never closed";
    private static final String SEEN = "No closing quotation (\") in ";
    private static final int MUTATIONS = 150;

    private final Map<String, byte[]> secret = OpenVpnSamples.secret();

    @TempDir
    Path directory;

    private String daemon(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openvpn"));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS))
                .as("openvpn ends: %s", command)
                .isTrue();
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }

    /** True where the daemon takes the whole text. */
    private boolean daemonTakes(String text) throws IOException, InterruptedException {
        String whole = text.endsWith("\n") ? text : text + "\n";
        Path file = directory.resolve("tunnel.conf");
        Files.writeString(file, whole + LAST_LINE + "\n");
        return daemon("--verb", "1", "--config", file.toString()).contains(SEEN + file + ":" + (lines(whole) + 1));
    }

    private static long lines(String text) {
        return text.chars().filter(character -> character == '\n').count();
    }

    private static String name(String directive) {
        return directive.split(" ")[0];
    }

    @Test
    void whatTheDaemonWouldTakeOfTheDangerousIsRefused() throws Exception {
        int taken = 0;
        for (String directive : OpenVpnSpellings.DANGEROUS) {
            Map<String, String> spellings = OpenVpnSpellings.of(directive);
            if (!directive.startsWith("up ")) {
                spellings.keySet().retainAll(Set.of("plain", "single quotes", "escaped space before", "setenv opt"));
            }
            for (Map.Entry<String, String> spelling : spellings.entrySet()) {
                String text = OpenVpnSamples.WITH_KEYS + spelling.getValue() + "\n";
                if (daemonTakes(text)) {
                    taken++;
                    assertThat(OpenVpnParser.parse(text, secret))
                            .as(directive + ", " + spelling.getKey())
                            .isInstanceOf(Refused.class);
                }
            }
        }
        // a list that the daemon does not know would show nothing
        assertThat(taken).isGreaterThan(250);
    }

    @Test
    void theSpellingsAreSuchAsTheDaemonTakes() throws Exception {
        Set<String> taken = new TreeSet<>();
        for (Map.Entry<String, String> spelling :
                OpenVpnSpellings.of("up /bin/true").entrySet()) {
            if (daemonTakes(OpenVpnSamples.WITH_KEYS + spelling.getValue() + "\n")) {
                taken.add(spelling.getKey());
            }
        }
        assertThat(taken)
                .contains(
                        "plain",
                        "dashes",
                        "double quotes",
                        "single quotes",
                        "quoted dashes",
                        "tabs",
                        "escaped space before",
                        "escaped tab before",
                        "setenv opt",
                        "quoted setenv opt",
                        "backslash at the end of the line before");
    }

    @Test
    void whatIsAllowedIsKnownToTheDaemon() throws Exception {
        for (String directive : OpenVpnSpellings.ALLOWED) {
            assertThat(daemonTakes(directive)).as(directive).isTrue();
        }
        for (String sample : List.of(OpenVpnSamples.INLINE, OpenVpnSamples.WITH_KEYS, OpenVpnSamples.WITH_NAME)) {
            assertThat(daemonTakes(sample)).as(sample).isTrue();
            assertThat(daemonTakes("\uFEFF" + sample.replace("\n", "\r\n")))
                    .as(sample)
                    .isTrue();
        }
    }

    @Test
    void everyOptionOfTheDaemonIsAllowedOrRefusedByItsName() throws Exception {
        Set<String> allowed =
                OpenVpnSpellings.ALLOWED.stream().map(OpenVpnDaemonTest::name).collect(Collectors.toSet());
        Set<String> files = Set.of("ca", "cert", "key", "pkcs12", "tls-auth", "peer-fingerprint");
        Set<String> options = Pattern.compile("(?m)^--([a-z0-9-]+)")
                .matcher(daemon("--help"))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(options).hasSizeGreaterThan(200);
        options.removeAll(allowed);
        options.removeAll(files);
        for (String option : options) {
            assertThat(OpenVpnParser.parse(option, secret))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.problem().message()).startsWith(option + " "));
        }
    }

    /** What passes here and is then not taken would be a tunnel that says Ready never, and why nowhere. */
    @Test
    void whatPassesTheDaemonTakesToo() throws Exception {
        long seed = Long.getLong("urvpn.seed", 20_260_103L);
        Random random = new Random(seed);
        List<String> samples = List.of(OpenVpnSamples.INLINE, OpenVpnSamples.WITH_KEYS, OpenVpnSamples.WITH_NAME);
        for (int passed = 0; passed < MUTATIONS; ) {
            StringBuilder text = new StringBuilder(samples.get(random.nextInt(samples.size())));
            OpenVpnSpellings.mutate(text, random);
            OpenVpnSpellings.mutate(text, random);
            if (OpenVpnParser.parse(text.toString(), secret) instanceof Accepted) {
                passed++;
                assertThat(daemonTakes(text.toString()))
                        .as("seed %d, text %d: %s", seed, passed, text)
                        .isTrue();
            }
        }
    }
}
