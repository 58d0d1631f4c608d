package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What the VPN's container asks for and may use. */
public record TunnelResources(
        @JsonPropertyDescription("What the container asks for. Default: cpu 10m, memory 32Mi.")
        ResourceAmounts requests,

        @JsonPropertyDescription("What the container may use at most. Default: no limit.")
        ResourceAmounts limits) {}
