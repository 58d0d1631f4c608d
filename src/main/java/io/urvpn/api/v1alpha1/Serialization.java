package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * How the kinds are read and written. What a newer version added is tolerated: unknown fields are passed over and an
 * unknown enum value is {@code null}; code takes {@code null} as "not known to this version" and does nothing.
 */
public final class Serialization {
    private Serialization() {}

    /** A mapper for the kinds and for what is stored in their words; instants are RFC 3339 texts. */
    public static ObjectMapper mapper() {
        return configure(JsonMapper.builder()).build();
    }

    /** The serialization that every Kubernetes client of ours is built with. */
    public static KubernetesSerialization kubernetes() {
        return new KubernetesSerialization(mapper(), true);
    }

    private static JsonMapper.Builder configure(JsonMapper.Builder builder) {
        return builder.addModule(new JavaTimeModule())
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);
    }
}
