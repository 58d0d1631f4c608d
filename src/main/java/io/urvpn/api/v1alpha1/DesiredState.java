package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an attachment is to become on its node. */
public enum DesiredState {
    /** The tunnel is up on the node. */
    @JsonProperty("Attached")
    ATTACHED,
    /** Nothing of the tunnel is on the node. Once ordered, it runs to its end. */
    @JsonProperty("Detached")
    DETACHED;
}
