package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A message that an operation owes its listeners. */
public enum DeliveryKind {
    /** The answer to the delete. */
    @JsonProperty("Initial")
    INITIAL,
    /** What the verification found when the operation ended, or failed for the time being. */
    @JsonProperty("Verification")
    VERIFICATION,
    /** The same, where the operation succeeded after it had been told as failed. */
    @JsonProperty("VerificationAfterFailure")
    VERIFICATION_AFTER_FAILURE;
}
