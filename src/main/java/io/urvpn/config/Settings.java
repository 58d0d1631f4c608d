package io.urvpn.config;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import java.util.Optional;

/** Checked settings. Each check names the key, the value and what would be right. */
public final class Settings {
    private Settings() {}

    /**
     * The defaults of {@code spec.cleanup}.
     *
     * @throws IllegalArgumentException where a value is out of its range
     */
    public static CleanupPolicy cleanup(UrVpnConfig config) {
        return cleanup(config, CleanupConfigFile.NONE);
    }

    /** The same, with what ur-vpn-manager's file names. */
    public static CleanupPolicy cleanup(UrVpnConfig config, CleanupConfigFile file) {
        UrVpnConfig.Cleanup cleanup = config.cleanup();
        if (!cleanup.nodeLostAfter().matches("(?=.)([0-9]{1,4}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?")) {
            throw wrong("cleanup.node-lost-after", cleanup.nodeLostAfter(), "a duration such as 5m or 1h30m");
        }
        return new CleanupPolicy(
                file.verificationDelaySeconds()
                        .orElse(range(
                                "cleanup.verification-delay-seconds", cleanup.verificationDelaySeconds(), 0, 3600)),
                file.maxRetryAttempts().orElse(range("cleanup.max-retry-attempts", cleanup.maxRetryAttempts(), 0, 20)),
                range("cleanup.retry-backoff-seconds", cleanup.retryBackoffSeconds(), 1, 3600),
                file.timeoutSeconds().orElse(range("cleanup.timeout-seconds", cleanup.timeoutSeconds(), 1, 3600)),
                range("cleanup.disconnect-timeout-seconds", cleanup.disconnectTimeoutSeconds(), 0, 300),
                range("cleanup.blocked-retry-seconds", cleanup.blockedRetrySeconds(), 1, 86400),
                cleanup.nodeLostAfter(),
                releaseWhen(cleanup.releaseWhen()),
                new VerifyPolicy(
                        file.check("check_thread_processes", cleanup.verify().threadProcesses()),
                        file.check("check_routing_table", cleanup.verify().routingTable()),
                        file.check("check_vpn_interfaces", cleanup.verify().vpnInterfaces()),
                        file.check("check_configuration_files", cleanup.verify().configurationFiles())),
                range("cleanup.ttl-seconds-after-finished", cleanup.ttlSecondsAfterFinished(), 0, 31536000));
    }

    /**
     * Checks what both modes need.
     *
     * @throws IllegalArgumentException where a value is out of its range
     */
    public static void check(UrVpnConfig config) {
        // 0 to 4 are the kernel's own, 5 to 255 may be given (linux/rtnetlink.h)
        range("route-protocol", config.routeProtocol(), 5, 255);
        range("tables.first", config.tables().first(), 256, Integer.MAX_VALUE);
        // a rule's priority is its table: behind 32766 the table main would be asked first
        range("tables.last", config.tables().last(), config.tables().first(), 32765);
        range("cleanup-interval-seconds", config.cleanupIntervalSeconds(), 1, 86400);
        range("join-grace-seconds", config.joinGraceSeconds(), 0, 3600);
        rollRuntimeImage(config);
        range("metrics.port", config.metrics().port(), 1024, 65535);
        range("mqtt.port", config.mqtt().port(), 1, 65535);
        range("mqtt.keep-alive-seconds", config.mqtt().keepAliveSeconds(), 5, 3600);
        range("mqtt.keep-undelivered-seconds", config.mqtt().keepUndeliveredSeconds(), 0, 31536000);
        range("mqtt.rpc.max-request-bytes", config.mqtt().rpc().maxRequestBytes(), 256, 65536);
        range("mqtt.rpc.requests-per-second", config.mqtt().rpc().requestsPerSecond(), 1, 1000);
        range("uninstall.timeout-seconds", config.uninstall().timeoutSeconds(), 1, 86400);
    }

    /**
     * The file of ur-vpn-manager, where there is one.
     *
     * @throws IllegalArgumentException where something in it is wrong
     */
    public static CleanupConfigFile file(UrVpnConfig config) {
        return config.cleanupConfigFile().map(CleanupConfigFile::read).orElse(CleanupConfigFile.NONE);
    }

    /** A setting that one mode cannot do without. */
    public static <T> T required(Optional<T> value, String key) {
        return value.orElseThrow(() -> new IllegalArgumentException("urvpn." + key + " is not set"));
    }

    /**
     * Whether a new runtime image rolls by itself.
     *
     * @throws IllegalArgumentException where the policy is not known
     */
    public static boolean rollRuntimeImage(UrVpnConfig config) {
        return switch (config.runtimeUpgradePolicy()) {
            case "OnRequest" -> false;
            case "Rolling" -> true;
            default -> throw wrong("runtime-upgrade-policy", config.runtimeUpgradePolicy(), "OnRequest or Rolling");
        };
    }

    private static ReleaseWhen releaseWhen(String value) {
        return switch (value) {
            case "Never" -> ReleaseWhen.NEVER;
            case "NodeLost" -> ReleaseWhen.NODE_LOST;
            case "NodeLostOrFailed" -> ReleaseWhen.NODE_LOST_OR_FAILED;
            default -> throw wrong("cleanup.release-when", value, "Never, NodeLost or NodeLostOrFailed");
        };
    }

    private static int range(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw wrong(key, Integer.toString(value), "a number from " + least + " to " + most);
        }
        return value;
    }

    private static IllegalArgumentException wrong(String key, String value, String right) {
        return new IllegalArgumentException("urvpn." + key + " is '" + value + "'; it must be " + right);
    }
}
