package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.config.CleanupConfigFile;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Defaults of {@code spec.cleanup}, from the chart's values and from cleanup-config.json to what the operator works by. */
class CleanupDefaultsTest {
    private static final CleanupPolicy SET = new CleanupPolicy(
            1, 7, 11, 61, 6, 301, "6m", ReleaseWhen.NODE_LOST, new VerifyPolicy(false, false, false, false), 604799);

    /** Each field under the name that the values have for it. */
    private static List<String> asValues() {
        Map<?, ?> tree = Serialization.mapper().convertValue(SET, Map.class);
        List<String> values = new ArrayList<>();
        for (RecordComponent field : CleanupPolicy.class.getRecordComponents()) {
            if (!field.getName().equals("verify")) {
                values.add("cleanup." + field.getName() + "=" + tree.get(field.getName()));
            }
        }
        for (RecordComponent check : VerifyPolicy.class.getRecordComponents()) {
            values.add("cleanup.verify." + check.getName() + "=false");
        }
        return values;
    }

    private static ConfigMap rendered(List<String> values, String... more) throws IOException, InterruptedException {
        Stream<String> sets = values.stream().flatMap(value -> Stream.of("--set", value));
        String manifests = Chart.render(Stream.concat(sets, Arrays.stream(more)).toArray(String[]::new));
        return Arrays.stream(manifests.split("(?m)^---$"))
                .filter(manifest -> manifest.contains("kind: ConfigMap") && manifest.contains("config.yaml:"))
                .map(manifest -> Serialization.kubernetes().unmarshal(manifest, ConfigMap.class))
                .findFirst()
                .orElseThrow();
    }

    /** As the operator reads what is mounted. */
    private static CleanupPolicy policy(ConfigMap mounted) throws IOException {
        UrVpnConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(UrVpnConfig.class)
                .withValidateUnknown(false)
                .withSources(
                        new YamlConfigSource("config.yaml", mounted.getData().get("config.yaml")))
                .build()
                .getConfigMapping(UrVpnConfig.class);
        String file = mounted.getData().get("cleanup-config.json");
        return Settings.cleanup(
                config, file == null ? CleanupConfigFile.NONE : CleanupConfigFile.parse("cleanup-config.json", file));
    }

    @Test
    void eachValueOfTheChartReachesTheOperator() throws IOException, InterruptedException {
        CleanupPolicy byItself = policy(rendered(List.of()));
        assertThat(policy(rendered(asValues()))).isEqualTo(SET);
        // a value that is the product's own anyway would show nothing
        for (RecordComponent field : CleanupPolicy.class.getRecordComponents()) {
            assertThat(of(field, SET)).as(field.getName()).isNotEqualTo(of(field, byItself));
        }
    }

    @Test
    void whatTheFileOfTheOlderManagerNamesGoesBeforeTheValues() throws IOException, InterruptedException {
        String json = """
                {"verification_delay_seconds": 2, "max_retry_attempts": 9, "cleanup_timeout_seconds": 62, \
                "verification_settings": {"check_thread_processes": true, "check_routing_table": true, \
                "check_vpn_interfaces": true, "check_configuration_files": true}}""";
        CleanupPolicy expected = new CleanupPolicy(
                2,
                9,
                SET.retryBackoffSeconds(),
                62,
                SET.disconnectTimeoutSeconds(),
                SET.blockedRetrySeconds(),
                SET.nodeLostAfter(),
                SET.releaseWhen(),
                VerifyPolicy.ALL,
                SET.ttlSecondsAfterFinished());
        assertThat(policy(rendered(asValues(), "--set-json", "cleanupConfig=" + json)))
                .isEqualTo(expected);
    }

    private static Object of(RecordComponent field, CleanupPolicy policy) {
        try {
            return field.getAccessor().invoke(policy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
