package io.urvpn.unit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    private static UrVpnConfig with(Map<String, String> values) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(UrVpnConfig.class)
                .withSources(new PropertiesConfigSource(values, "test", 500))
                .build();
        return config.getConfigMapping(UrVpnConfig.class);
    }

    @Test
    void theDefaultsAreThoseOfTheOlderManagerWhereItHadThem() {
        var policy = Settings.cleanup(with(Map.of()));
        assertThat(policy.verificationDelaySeconds()).isEqualTo(5);
        assertThat(policy.maxRetryAttempts()).isEqualTo(3);
        assertThat(policy.timeoutSeconds()).isEqualTo(60);
        assertThat(policy.disconnectTimeoutSeconds()).isEqualTo(5);
        assertThat(policy.releaseWhen()).isEqualTo(ReleaseWhen.NEVER);
        assertThat(policy.verify()).isEqualTo(VerifyPolicy.ALL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cleanup.max-retry-attempts|21|urvpn.cleanup.max-retry-attempts is '21'; it must be a number from 0 to 20",
                "cleanup.release-when|Always|urvpn.cleanup.release-when is 'Always'; it must be Never, NodeLost or NodeLostOrFailed",
                "cleanup.node-lost-after|soon|urvpn.cleanup.node-lost-after is 'soon'; it must be a duration such as 5m or 1h30m",
                "route-protocol|4|urvpn.route-protocol is '4'; it must be a number from 5 to 255",
                "tables.first|255|urvpn.tables.first is '255'; it must be a number from 256 to 2147483647",
                "tables.last|19999|urvpn.tables.last is '19999'; it must be a number from 20000 to 32765",
                "metrics.port|80|urvpn.metrics.port is '80'; it must be a number from 1024 to 65535",
            })
    void aValueOutOfItsRangeIsRefusedNamingKeyValueAndWhatWouldBeRight(String key, String value, String message) {
        UrVpnConfig config = with(Map.of("urvpn." + key, value));
        assertThatThrownBy(() -> {
                    Settings.check(config);
                    Settings.cleanup(config);
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aValueOfAnotherTypeIsRefusedNamingItsKey() {
        assertThatThrownBy(() -> with(Map.of("urvpn.route-protocol", "many")))
                .hasMessageContaining("urvpn.route-protocol")
                .hasMessageContaining("many");
    }

    @Test
    void aSettingThatIsNeededIsNamed() {
        assertThatThrownBy(() -> Settings.required(Optional.empty(), "node-name"))
                .hasMessage("urvpn.node-name is not set");
    }
}
