package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;

/** What a person did to a cleanup, by an annotation that the admission policy let through. */
@RecordBuilder
public record Intervention(
        @JsonPropertyDescription("What was done.") @Required InterventionKind kind,

        @JsonPropertyDescription("Name of the user, as the API server knew the caller. At most 253 characters.")
        @Required
        @Size(max = 253)
        String actor,

        @JsonPropertyDescription("When the operator took it up (RFC 3339, UTC).") @Required
        Instant at,

        @JsonPropertyDescription("Why, in the person's words. At most 512 characters.") @Required @Size(max = 512)
        String reason,

        @JsonPropertyDescription("The component it is for. Default: all.")
        Component component,

        @JsonPropertyDescription("The node it is for. At most 253 characters. Default: each.") @Size(max = 253)
        String node) {}
