package io.urvpn.cli;

import io.urvpn.cli.KubectlVpn.Unusable;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The option {@code --timeout} of each command that waits. */
final class Patience {
    private static final Pattern FORM = Pattern.compile("(?=.)(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?");

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long to wait, such as 90s or 1h30m. Default: 10m; of plan: 60s.")
    private String timeout;

    /**
     * What was said.
     *
     * @param otherwise where nothing was
     */
    Duration or(Duration otherwise) {
        return timeout == null ? otherwise : duration(timeout);
    }

    /** A duration such as {@code 90s}, {@code 10m} or {@code 1h30m}. */
    private static Duration duration(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new Unusable("--timeout is '" + text + "'; it must be a duration such as 90s or 10m");
        }
        return Duration.ofHours(number(parts.group(1)))
                .plusMinutes(number(parts.group(2)))
                .plusSeconds(number(parts.group(3)));
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
