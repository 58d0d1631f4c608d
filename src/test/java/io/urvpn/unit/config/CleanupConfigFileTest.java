package io.urvpn.unit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.config.CleanupConfigFile;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CleanupConfigFileTest {
    private static CleanupConfigFile parse(String text) {
        return CleanupConfigFile.parse("cleanup-config.json", text);
    }

    @Test
    void theFileOfTheOlderManagerIsReadAsItIs() {
        CleanupConfigFile file = parse("""
                {"cleanup_interval_seconds": 30, "verification_delay_seconds": 5, "max_retry_attempts": 3,
                 "cleanup_timeout_seconds": 60, "enable_auto_cleanup": true, "log_level": "info",
                 "verification_settings": {"check_thread_processes": true, "check_routing_table": true,
                 "check_vpn_interfaces": false, "check_configuration_files": true}}
                """);
        assertThat(file.intervalSeconds()).contains(30);
        assertThat(file.verificationDelaySeconds()).contains(5);
        assertThat(file.maxRetryAttempts()).contains(3);
        assertThat(file.timeoutSeconds()).contains(60);
        assertThat(file.enableAutoCleanup()).contains(true);
        assertThat(file.logLevel()).contains("INFO");
        assertThat(file.checks()).containsAllEntriesOf(Map.of("check_vpn_interfaces", false));
    }

    @Test
    void whatItDoesNotNameIsLeftToTheOtherSettings() {
        assertThat(parse("{}")).isEqualTo(CleanupConfigFile.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"cleanup_interval_seconds\": 0}|cleanup_interval_seconds is 0; it must be a whole number from 1 to 86400",
                "{\"cleanup_interval_seconds\": \"30\"}|cleanup_interval_seconds is \"30\"; it must be a whole number",
                "{\"max_retry_attempts\": 2.5}|max_retry_attempts is 2.5; it must be a whole number from 0 to 20",
                "{\"cleanup_timeout_seconds\": 99999}|cleanup_timeout_seconds is 99999",
                "{\"enable_auto_cleanup\": \"yes\"}|enable_auto_cleanup is \"yes\"; it must be true or false",
                "{\"log_level\": \"loud\"}|log_level is \"loud\"; it must be one of error, warn",
                "{\"verification_settings\": true}|verification_settings is true; it must be an object",
                "{\"verification_settings\": {\"check_moon\": true}}|verification_settings.check_moon is not a known key",
                "{\"verification_settings\": {\"check_routing_table\": 1}}|verification_settings.check_routing_table is 1",
                "{\"max_retries\": 3}|max_retries is not a known key",
                "[]|must be a JSON object",
                "{|is not JSON"
            })
    void aWrongValueIsRefusedWithFileKeyValueAndWhatWouldBeRight(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cleanup-config.json")
                .hasMessageContaining(message);
    }
}
