package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When an object may go although a node still owes its verification. */
public enum ReleaseWhen {
    /** Never. */
    @JsonProperty("Never")
    NEVER,
    /** When the node is lost. */
    @JsonProperty("NodeLost")
    NODE_LOST,
    /** When the node is lost or its cleanup failed. */
    @JsonProperty("NodeLostOrFailed")
    NODE_LOST_OR_FAILED;
}
