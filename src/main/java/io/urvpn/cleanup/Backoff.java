package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import java.time.Duration;

/** When a verification is tried again. */
public final class Backoff {
    private Backoff() {}

    /**
     * From a failed verification to the next: {@code retryBackoffSeconds}, doubling with each failure, and
     * {@code blockedRetrySeconds} once the retries are used up.
     *
     * @param policy a complete policy
     * @param failed how many verifications were answered and failed, 1 or more
     */
    public static Duration after(CleanupPolicy policy, int failed) {
        if (exhausted(policy, failed)) {
            return Duration.ofSeconds(policy.blockedRetrySeconds());
        }
        int doublings = Math.min(failed - 1, 20);
        return Duration.ofSeconds((long) policy.retryBackoffSeconds() << doublings);
    }

    /** True where the first verification and all its retries have failed, so that the operation is FAILED. */
    public static boolean exhausted(CleanupPolicy policy, int failed) {
        return failed > policy.maxRetryAttempts();
    }
}
