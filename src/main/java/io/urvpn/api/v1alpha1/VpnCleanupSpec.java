package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;

/** One cleanup operation: what it covers. Immutable. */
@ValidationRule(value = "self == oldSelf", message = "is immutable: it says what an operation covers")
@RecordBuilder
public record VpnCleanupSpec(
        @JsonPropertyDescription("Why the cleanup runs. No default.") @Required
        Operation operation,

        @JsonPropertyDescription("The instance. No default.") @Required
        InstanceReference instance,

        @JsonPropertyDescription(
                "Name of the instance as messages show it. At most 253 characters. Default: the instance's name.")
        @Size(max = 253)
        String instanceDisplayName,

        @JsonPropertyDescription("Type of the VPN. No default.") @Required
        VpnType type,

        @JsonPropertyDescription("Name of the interface on each node. At most 15 characters. No default.")
        @Required
        @Size(max = 15)
        String interfaceName,

        @JsonPropertyDescription("When the operation was asked for (RFC 3339, UTC). No default.") @Required
        Instant requestedAt,

        @JsonPropertyDescription(
                "Nodes that the operation covers, with the attachment on each. At most 5000. No default.")
        @Required
        @Size(max = 5000)
        List<CoveredNode> nodes,

        @JsonPropertyDescription("How it cleans up; each field is set. No default.") @Required
        CleanupPolicy policy) {

    /** A node that an operation covers. */
    public record CoveredNode(
            @JsonPropertyDescription("Name of the node. At most 253 characters. No default.")
            @Required
            @Size(min = 1, max = 253)
            String node,

            @JsonPropertyDescription("Name of the VpnAttachment. At most 63 characters. No default.")
            @Required
            @Size(min = 1, max = 63)
            String attachment) {}
}
