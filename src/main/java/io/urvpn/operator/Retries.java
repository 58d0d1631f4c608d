package io.urvpn.operator;

import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import java.time.Duration;

/** How a pass that failed comes again. */
public final class Retries {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private Retries() {}

    /** Doubling from 200 ms to 30 s, for ever: by default JOSDK tries five times, then not for ten hours. */
    public static Retry forEver() {
        return new GenericRetry()
                .setInitialInterval(FIRST)
                .setIntervalMultiplier(2)
                .setMaxInterval(LONGEST.toMillis())
                .setMaxAttempts(-1);
    }
}
