package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What ended an attachment. */
public enum Outcome {
    /** The node was read afresh and nothing was there. */
    @JsonProperty("Verified")
    VERIFIED,
    /** As Verified, with at least one check switched off. */
    @JsonProperty("VerifiedInPart")
    VERIFIED_IN_PART,
    /** The node does not exist any more. It was not read. */
    @JsonProperty("NodeGone")
    NODE_GONE,
    /** The object was let go with a debt open, as releaseWhen says. */
    @JsonProperty("Released")
    RELEASED,
    /** A person ended it, on record. */
    @JsonProperty("Forced")
    FORCED;
}
