package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;

/** What an agent says of its node. Written by the agent of that node alone. */
@RecordBuilder
public record VpnNodeStatus(
        @JsonPropertyDescription("Version of the agent. At most 64 characters.") @Size(max = 64)
        String agentVersion,

        @JsonPropertyDescription("When the agent started (RFC 3339, UTC).")
        Instant agentStartedAt,

        @JsonPropertyDescription("Boot id of the machine. At most 36 characters.") @Size(max = 36)
        String bootId,

        @JsonPropertyDescription(
                "Random key that the agent keeps on the machine's disk; it outlives the Node object. At most 64 characters.")
        @Size(max = 64)
        String machineKey,

        @JsonPropertyDescription("What the node can do.") Capabilities capabilities) {

    /** What a node can do. */
    public record Capabilities(
            @JsonPropertyDescription("The kernel has WireGuard.")
            Boolean kernelWireGuard,

            @JsonPropertyDescription("There is a /dev/net/tun.")
            Boolean tun,

            @JsonPropertyDescription("The kernel has XFRM.") Boolean xfrm,

            @JsonPropertyDescription("The kernel has nftables.")
            Boolean nftables) {}
}
