package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;

/** Why a component failed. */
public record ComponentError(
        @JsonPropertyDescription("Stable code, one of the documented error codes. At most 64 characters.")
        @Size(max = 64)
        String code,

        @JsonPropertyDescription("What happened, for people. At most 1024 characters.") @Size(max = 1024)
        String message) {}
