package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Why a cleanup runs. */
public enum Operation {
    /** The VpnInstance is being deleted. */
    @JsonProperty("Delete")
    DELETE,
    /** The VpnInstance was suspended. */
    @JsonProperty("Suspend")
    SUSPEND,
    /** The VpnInstance is gone although its cleanup was not finished. */
    @JsonProperty("InstanceVanished")
    INSTANCE_VANISHED;
}
