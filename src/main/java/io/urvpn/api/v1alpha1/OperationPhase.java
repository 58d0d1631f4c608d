package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far an operation is. */
public enum OperationPhase {
    /** Steps or verifications are under way. */
    @JsonProperty("IN_PROGRESS")
    IN_PROGRESS,
    /** Each node has its verdict. */
    @JsonProperty("COMPLETED")
    COMPLETED,
    /** The object was let go as releaseWhen says, and at least one node still owes its verification. */
    @JsonProperty("DEBT_OPEN")
    DEBT_OPEN,
    /** At least one node failed its last verification; it is tried again every blockedRetrySeconds. */
    @JsonProperty("FAILED")
    FAILED;
}
