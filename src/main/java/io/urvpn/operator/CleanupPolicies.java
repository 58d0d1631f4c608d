package io.urvpn.operator;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.VerifyPolicy;

/** What an instance says of its cleanup, completed by the operator's settings. */
public final class CleanupPolicies {
    private CleanupPolicies() {}

    /** The policy with each field set; {@code written} may be {@code null} and may leave fields out. */
    public static CleanupPolicy complete(CleanupPolicy written, CleanupPolicy defaults) {
        if (written == null) {
            return defaults;
        }
        return new CleanupPolicy(
                or(written.verificationDelaySeconds(), defaults.verificationDelaySeconds()),
                or(written.maxRetryAttempts(), defaults.maxRetryAttempts()),
                or(written.retryBackoffSeconds(), defaults.retryBackoffSeconds()),
                or(written.timeoutSeconds(), defaults.timeoutSeconds()),
                or(written.disconnectTimeoutSeconds(), defaults.disconnectTimeoutSeconds()),
                or(written.blockedRetrySeconds(), defaults.blockedRetrySeconds()),
                or(written.nodeLostAfter(), defaults.nodeLostAfter()),
                or(written.releaseWhen(), defaults.releaseWhen()),
                complete(written.verify(), defaults.verify()),
                or(written.ttlSecondsAfterFinished(), defaults.ttlSecondsAfterFinished()));
    }

    private static VerifyPolicy complete(VerifyPolicy written, VerifyPolicy defaults) {
        if (written == null) {
            return defaults;
        }
        return new VerifyPolicy(
                or(written.threadProcesses(), defaults.threadProcesses()),
                or(written.routingTable(), defaults.routingTable()),
                or(written.vpnInterfaces(), defaults.vpnInterfaces()),
                or(written.configurationFiles(), defaults.configurationFiles()));
    }

    private static <T> T or(T written, T fallback) {
        return written != null ? written : fallback;
    }
}
