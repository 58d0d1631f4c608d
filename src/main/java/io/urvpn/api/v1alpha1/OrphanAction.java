package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What was done about an orphan. */
public enum OrphanAction {
    /** It is reported, and left as it is. */
    @JsonProperty("Reported")
    REPORTED,
    /** Its journal says that it was ordered Detached: the sweep removes it. */
    @JsonProperty("Removing")
    REMOVING,
    /** It was ordered Detached, is removed, and the node was read clean; its record stays until the operator has it too. */
    @JsonProperty("Removed")
    REMOVED;
}
