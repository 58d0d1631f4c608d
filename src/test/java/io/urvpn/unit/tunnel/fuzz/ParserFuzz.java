package io.urvpn.unit.tunnel.fuzz;

import io.urvpn.tunnel.OpenVpnParser;
import io.urvpn.tunnel.SwanctlParser;
import io.urvpn.tunnel.TunnelConfiguration;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import io.urvpn.tunnel.WireGuardParser;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import io.urvpn.unit.tunnel.OpenVpnSpellings;
import io.urvpn.unit.tunnel.SwanctlSamples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Gives a parser texts that are changed at random, from a seed. It must answer each, soon, and must accept none in which
 * the daemon itself, by another reading of it, sees something dangerous.
 *
 * @param name of the parser
 * @param samples that are accepted
 * @param pieces that are put in: what is dangerous, in the daemon's spellings
 * @param parser that is tried
 * @param danger what the daemon sees in a text that was accepted
 */
record ParserFuzz(
        String name,
        List<String> samples,
        List<String> pieces,
        Function<String, Parsed> parser,
        BiFunction<String, TunnelConfiguration, Optional<String>> danger) {

    /** A machine may be busy; what grows without bound takes far longer. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final int MOST_LENGTH = 20_000;

    static final ParserFuzz SWANCTL = new ParserFuzz(
            "swanctl.conf",
            List.of(SwanctlSamples.PSK, SwanctlSamples.CERTIFICATE, SwanctlSamples.EAP),
            SwanctlSpellings.PIECES,
            text -> SwanctlParser.parse(text, SwanctlSamples.secret()),
            (text, read) -> StrongswanReading.danger(text));

    static final ParserFuzz OPENVPN = new ParserFuzz(
            "client.ovpn",
            List.of(OpenVpnSamples.INLINE, OpenVpnSamples.WITH_KEYS, OpenVpnSamples.WITH_NAME),
            OpenVpnSpellings.DANGEROUS.stream()
                    .flatMap(directive -> OpenVpnSpellings.of(directive).values().stream())
                    .map(spelling -> "\n" + spelling + "\n")
                    .toList(),
            text -> OpenVpnParser.parse(text, OpenVpnSamples.secret()),
            (text, read) -> OpenVpnReading.danger(text));

    static final ParserFuzz WIREGUARD = new ParserFuzz(
            "wg.conf",
            List.of("""
                    [Interface]
                    PrivateKey = QKBLrJFvPZC7dxWkWwsFhhGXQKWfvvgqWz0pBqO0cVs=
                    Address = 10.200.0.11/24, fd00:200::11/64
                    ListenPort = 51820
                    FwMark = 0xca6c
                    MTU = 1380
                    [Peer] # the office
                    PublicKey = 6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=
                    PresharedKey = 6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=
                    AllowedIPs = 10.200.0.0/24, fd00:200::/64
                    Endpoint = [2001:db8::1]:51820
                    PersistentKeepalive = 25
                    """),
            List.of(
                    "\nPostUp = touch /tmp/x\n",
                    "\nPOSTUP=x\n",
                    "\nPost Up = x\n",
                    "\nPreDown\t= x\r\n",
                    "\nDNS = 10.0.0.1\n",
                    "\nTable = off\n",
                    "\nSaveConfig = true\n",
                    "\nEndpoint = evil.example.com:1\n",
                    "\nEnd point = evil.example.com:1\n",
                    "\nAddress = 10.0.0.1 \rEndpoint = evil.example.com:1\n",
                    "\r",
                    "\u000b",
                    "\u00a0",
                    "\u0130",
                    "\n# words\n",
                    "\nAllowedIPs = 10.1.0.0/16\n",
                    "\naddress=fd00:201::1 # more\n",
                    "\n[Peer]\nPublicKey=6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=\nEndpoint=vpn.example.com:1\n",
                    "\r\n",
                    "\n\t\n",
                    "[Interface]",
                    "[Peer]",
                    "#"),
            WireGuardParser::parse,
            WireGuardReading::danger);

    /** How often. */
    record Counts(int rounds, int accepted) {}

    /** Tries so many texts, or for so long. */
    Counts run(long seed, int most, Duration time) {
        Random random = new Random(seed);
        long end = System.nanoTime() + time.toNanos();
        int accepted = 0;
        int round = 0;
        for (; round < most && System.nanoTime() < end; round++) {
            String text = text(random);
            accepted += tried(text, "%s, seed %d, text %d".formatted(name, seed, round)) ? 1 : 0;
        }
        return new Counts(round, accepted);
    }

    private boolean tried(String text, String which) {
        long started = System.nanoTime();
        Parsed parsed;
        try {
            parsed = parser.apply(text);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(which + " ended in " + e + ":\n" + text, e);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        if (took.compareTo(LONGEST) > 0) {
            throw new AssertionError(which + " took " + took + ":\n" + text);
        }
        return switch (parsed) {
            case Refused(var problem) -> {
                if (problem.message().isBlank()) {
                    throw new AssertionError(which + " was refused without a word:\n" + text);
                }
                yield false;
            }
            case Accepted(var read) -> {
                danger.apply(text, read).ifPresent(seen -> {
                    throw new AssertionError(which + " was accepted, and the daemon sees " + seen + ":\n" + text);
                });
                yield true;
            }
        };
    }

    /** A sample with one to five changes; now and then pieces alone. */
    private String text(Random random) {
        StringBuilder text = new StringBuilder(random.nextInt(50) == 0 ? "\n" : one(random, samples));
        for (int change = random.nextInt(5); change >= 0; change--) {
            switch (random.nextInt(6)) {
                case 0 -> text.insert(random.nextInt(text.length() + 1), one(random, pieces));
                case 1 -> text.insert(lineStart(text, random), one(random, pieces));
                case 2 -> repeated(text, random);
                case 3 -> {
                    List<String> lines = new ArrayList<>(text.toString().lines().toList());
                    lines.add(
                            random.nextInt(lines.size() + 1),
                            one(random, samples).lines().skip(1).findFirst().orElse(""));
                    text = new StringBuilder(String.join("\n", lines));
                }
                default -> OpenVpnSpellings.mutate(text, random);
            }
            if (text.isEmpty()) {
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static int lineStart(StringBuilder text, Random random) {
        int from = text.indexOf("\n", random.nextInt(text.length()));
        return from < 0 ? text.length() : from + 1;
    }

    private static void repeated(StringBuilder text, Random random) {
        int from = random.nextInt(text.length());
        int to = Math.min(text.length(), from + 1 + random.nextInt(20));
        int times = random.nextInt(20) == 0 ? 1000 : 2;
        String part = text.substring(from, to).repeat(times);
        if (text.length() + part.length() < MOST_LENGTH) {
            text.insert(from, part);
        }
    }

    private static String one(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
