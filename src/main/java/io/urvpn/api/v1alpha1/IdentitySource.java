package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a node's identity towards the peer comes from. */
public enum IdentitySource {
    /** From the Secret with the configuration. */
    @JsonProperty("FromSecret")
    FROM_SECRET,
    /** The node's agent makes it; it never leaves the node. */
    @JsonProperty("GeneratePerNode")
    GENERATE_PER_NODE;
}
