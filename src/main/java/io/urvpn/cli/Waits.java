package io.urvpn.cli;

import io.urvpn.cli.KubectlVpn.Unusable;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Waiting for what the operator does. */
final class Waits {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Pattern FORM = Pattern.compile("(?=.)(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?");

    private Waits() {}

    /** A duration such as {@code 90s}, {@code 10m} or {@code 1h30m}. */
    static Duration duration(String text) {
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

    /** Looks again and again; false where the time ended first. */
    static boolean until(Duration timeout, BooleanSupplier done) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() >= end) {
                return false;
            }
            Thread.sleep(LOOK_AGAIN);
        }
        return true;
    }
}
