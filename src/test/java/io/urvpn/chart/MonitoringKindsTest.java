package io.urvpn.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.urvpn.api.v1alpha1.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The objects for the Prometheus operator have only fields that its kinds have, by the model that fabric8 makes of them. */
class MonitoringKindsTest {
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "ServiceMonitor", ServiceMonitor.class,
            "PodMonitor", PodMonitor.class,
            "PrometheusRule", PrometheusRule.class);
    /** The model keeps what it does not know; this one refuses it. */
    private static final ObjectMapper STRICT = new ObjectMapper()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            });

    @Test
    void eachHasOnlyFieldsThatItsKindHas() throws IOException, InterruptedException {
        Map<String, Integer> seen = new TreeMap<>();
        for (Object item : all(Rendered.IN_FULL.manifests())) {
            JsonNode object = STRICT.valueToTree(item);
            String kind = object.path("kind").asText();
            if (object.path("apiVersion").asText().startsWith("monitoring.coreos.com/")) {
                HasMetadata read = STRICT.treeToValue(object, KINDS.get(kind));
                assertThat(read.getApiVersion()).isEqualTo("monitoring.coreos.com/v1");
                assertThat(read.getMetadata().getLabels()).containsEntry("release", "prometheus");
                seen.merge(kind, 1, Integer::sum);
            }
        }
        assertThat(seen).isEqualTo(Map.of("ServiceMonitor", 1, "PodMonitor", 1, "PrometheusRule", 1));
    }

    @Test
    void aFieldThatIsNoneIsFound() {
        assertThatThrownBy(() -> STRICT.readValue("{\"spec\": {\"podMetricEndpoints\": []}}", PodMonitor.class))
                .hasMessageContaining("podMetricEndpoints");
    }

    private static List<?> all(String manifests) {
        Object read = Serialization.kubernetes()
                .unmarshal(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)));
        return read instanceof List<?> list ? list : List.of(read);
    }
}
