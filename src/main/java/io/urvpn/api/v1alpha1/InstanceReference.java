package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Names one life of a VpnInstance. */
public record InstanceReference(
        @JsonPropertyDescription("Name of the VpnInstance. At most 253 characters. No default.")
        @Required
        @Size(min = 1, max = 253)
        String name,

        @JsonPropertyDescription("Uid of the VpnInstance. 36 characters. No default.")
        @Required
        @Size(min = 36, max = 36)
        String uid) {}
