package io.urvpn.cli;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for what the operator does. */
final class Waits {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private Waits() {}

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
