package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far a component of a cleanup is. */
public enum ComponentState {
    /** Not begun. */
    @JsonProperty("PENDING")
    PENDING,
    /** Running; for the verification also: waiting for its next attempt. */
    @JsonProperty("IN_PROGRESS")
    IN_PROGRESS,
    /** Done. */
    @JsonProperty("COMPLETED")
    COMPLETED,
    /** Failed; the component's error says why. Later steps run all the same. */
    @JsonProperty("FAILED")
    FAILED,
    /** A person said so. */
    @JsonProperty("SKIPPED")
    SKIPPED;
}
