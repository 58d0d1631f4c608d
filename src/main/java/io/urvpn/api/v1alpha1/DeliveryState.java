package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far the delivery of a message is. */
public enum DeliveryState {
    /** It is owed: the broker has not acknowledged it, or that is not on record yet. */
    @JsonProperty("Pending")
    PENDING,
    /** The broker has acknowledged it. */
    @JsonProperty("Acknowledged")
    ACKNOWLEDGED;
}
