package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;

/** How far one component of a cleanup is, on one node or summed up over all. */
@RecordBuilder
public record ComponentStatus(
        @JsonPropertyDescription("The component.") @Required Component component,
        @JsonPropertyDescription("How far it is.") @Required ComponentState status,

        @JsonPropertyDescription("When it began (RFC 3339, UTC).")
        Instant startedAt,

        @JsonPropertyDescription("When it ended (RFC 3339, UTC).")
        Instant completedAt,

        @JsonPropertyDescription("From its beginning to its end, in milliseconds.")
        Long durationMillis,

        @JsonPropertyDescription("How often it ran; 1 is the first time.")
        Integer attempt,

        @JsonPropertyDescription("Why it failed.") ComponentError error,
        @JsonPropertyDescription("What it saw and did.") Evidence evidence) {

    /** A component that has not begun. */
    public static ComponentStatus pending(Component component) {
        return new ComponentStatus(component, ComponentState.PENDING, null, null, null, null, null, null);
    }
}
