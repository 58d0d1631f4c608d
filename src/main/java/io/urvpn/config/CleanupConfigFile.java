package io.urvpn.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The settings file of ur-vpn-manager, {@code cleanup-config.json}, read as it is. Each key is optional; what it names goes
 * before the other settings.
 *
 * @param intervalSeconds {@code cleanup_interval_seconds}, 1 to 86400
 * @param verificationDelaySeconds {@code verification_delay_seconds}, 0 to 3600
 * @param maxRetryAttempts {@code max_retry_attempts}, 0 to 20
 * @param timeoutSeconds {@code cleanup_timeout_seconds}, 1 to 3600
 * @param enableAutoCleanup {@code enable_auto_cleanup}
 * @param logLevel {@code log_level}, in upper case
 * @param checks {@code verification_settings} by key
 */
public record CleanupConfigFile(
        Optional<Integer> intervalSeconds,
        Optional<Integer> verificationDelaySeconds,
        Optional<Integer> maxRetryAttempts,
        Optional<Integer> timeoutSeconds,
        Optional<Boolean> enableAutoCleanup,
        Optional<String> logLevel,
        Map<String, Boolean> checks) {

    /** No such file. */
    public static final CleanupConfigFile NONE = new CleanupConfigFile(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of());

    private static final Set<String> CHECKS = Set.of(
            "check_thread_processes", "check_routing_table", "check_vpn_interfaces", "check_configuration_files");
    private static final Set<String> KEYS = Set.of(
            "cleanup_interval_seconds",
            "verification_delay_seconds",
            "max_retry_attempts",
            "cleanup_timeout_seconds",
            "enable_auto_cleanup",
            "log_level",
            "verification_settings");
    private static final List<String> LEVELS = List.of("error", "warn", "warning", "info", "debug", "trace");

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException naming file, key, value and what would be right
     */
    public static CleanupConfigFile read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }

    /** Of a text; {@code file} is what messages call it. */
    public static CleanupConfigFile parse(String file, String text) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new IllegalArgumentException(file + " must be a JSON object");
        }
        known(file, "", root, KEYS);
        JsonNode settings = root.path("verification_settings");
        if (!settings.isMissingNode() && !settings.isObject()) {
            throw wrong(file, "verification_settings", settings, "an object");
        }
        known(file, "verification_settings.", settings, CHECKS);
        Map<String, Boolean> checks = new TreeMap<>();
        settings.properties()
                .forEach(check -> checks.put(
                        check.getKey(),
                        truth(file, "verification_settings." + check.getKey(), check.getValue())
                                .orElseThrow()));
        return new CleanupConfigFile(
                number(file, root, "cleanup_interval_seconds", 1, 86400),
                number(file, root, "verification_delay_seconds", 0, 3600),
                number(file, root, "max_retry_attempts", 0, 20),
                number(file, root, "cleanup_timeout_seconds", 1, 3600),
                truth(file, "enable_auto_cleanup", root.path("enable_auto_cleanup")),
                level(file, root.path("log_level")),
                Map.copyOf(checks));
    }

    private static void known(String file, String prefix, JsonNode object, Set<String> keys) {
        object.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                throw new IllegalArgumentException(file + ": " + prefix + key + " is not a known key; known are "
                        + String.join(", ", sorted(keys)));
            }
        });
    }

    private static List<String> sorted(Set<String> keys) {
        return keys.stream().sorted().toList();
    }

    private static Optional<Integer> number(String file, JsonNode root, String key, int least, int most) {
        JsonNode value = root.path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < least
                || value.intValue() > most) {
            throw wrong(file, key, value, "a whole number from " + least + " to " + most);
        }
        return Optional.of(value.intValue());
    }

    private static Optional<Boolean> truth(String file, String key, JsonNode value) {
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw wrong(file, key, value, "true or false");
        }
        return Optional.of(value.booleanValue());
    }

    private static Optional<String> level(String file, JsonNode value) {
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        String text = value.isTextual() ? value.textValue().toLowerCase(Locale.ROOT) : "";
        if (!LEVELS.contains(text)) {
            throw wrong(file, "log_level", value, "one of " + String.join(", ", LEVELS));
        }
        return Optional.of(text.equals("warning") ? "WARN" : text.toUpperCase(Locale.ROOT));
    }

    private static IllegalArgumentException wrong(String file, String key, JsonNode value, String right) {
        return new IllegalArgumentException(file + ": " + key + " is " + value + "; it must be " + right);
    }

    /** Whether a part is checked. */
    boolean check(String key, boolean otherwise) {
        return checks.getOrDefault(key, otherwise);
    }
}
