package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a person did. */
public enum InterventionKind {
    /** Try again now. */
    @JsonProperty("Retry")
    RETRY,
    /** Leave a component out. */
    @JsonProperty("Skip")
    SKIP,
    /** End without a verification. */
    @JsonProperty("Force")
    FORCE,
    /** List what would be removed. */
    @JsonProperty("DryRun")
    DRY_RUN;
}
