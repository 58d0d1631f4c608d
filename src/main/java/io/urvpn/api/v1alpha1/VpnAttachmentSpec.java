package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;

/** One instance on one node: what to apply there. Written by the operator alone. */
@ValidationRule(
        value =
                "self.nodeName == oldSelf.nodeName && self.instance == oldSelf.instance && self.type == oldSelf.type && self.interfaceName == oldSelf.interfaceName",
        message = "nodeName, instance, type and interfaceName are immutable")
@ValidationRule(
        value = "!has(oldSelf.machineKey) || (has(self.machineKey) && self.machineKey == oldSelf.machineKey)",
        message = "is immutable once it is set",
        fieldPath = ".machineKey")
@ValidationRule(
        value = "oldSelf.desired == 'Attached' || self.desired == 'Detached'",
        message = "a detach once ordered runs to its end",
        fieldPath = ".desired")
@RecordBuilder
public record VpnAttachmentSpec(
        @JsonPropertyDescription("The instance. Immutable. No default.") @Required
        InstanceReference instance,

        @JsonPropertyDescription("Name of the Node. At most 253 characters. Immutable. No default.")
        @Required
        @Size(min = 1, max = 253)
        String nodeName,

        @JsonPropertyDescription("Type of the VPN. Immutable. No default.") @Required
        VpnType type,

        @JsonPropertyDescription("Name of the interface. 1 to 15 characters. Immutable. No default.")
        @Required
        @Size(min = 1, max = 15)
        String interfaceName,

        @JsonPropertyDescription(
                "What the attachment is to become: Attached, or Detached, after which it never becomes Attached again. No default.")
        @Required
        DesiredState desired,

        @JsonPropertyDescription(
                "Addresses of the interface with their prefix length; of addressPool with /32 or /128. At most 16. Default: none.")
        @Size(max = 16)
        List<@Size(min = 1, max = 43) String> addresses,

        @JsonPropertyDescription("Routes through the tunnel. At most 256. Default: none.") @Size(max = 256)
        List<TunnelRoute> routes,

        @JsonPropertyDescription("Policy rules, as the instance has them. At most 64. Default: none.") @Size(max = 64)
        List<TunnelRule> rules,

        @JsonPropertyDescription("Masquerade what leaves by the tunnel. Default: false.")
        Boolean masquerade,

        @JsonPropertyDescription("Drop traffic for the routes while the tunnel is down. Default: false.")
        Boolean killSwitch,

        @JsonPropertyDescription("An address behind the tunnel that must answer. Default: none.")
        Probe probe,

        @JsonPropertyDescription("Where the node's identity comes from. Default: FromSecret.")
        IdentitySource identity,

        @JsonPropertyDescription("MTU of the interface in bytes. Default: the type's own. Range: 576 to 65535.")
        @Min(576)
        @Max(65535)
        Integer mtu,

        @JsonPropertyDescription(
                "Key of the machine that holds the state, where it is known before an agent told it: of an attachment that is made again for what a machine still has. Only that machine acts and answers. At most 64 characters. Default: the machine that the node's agent runs on.")
        @Size(max = 64)
        String machineKey,

        @JsonPropertyDescription(
                "Components that a person skips on this node: they are not run any more, and their part of the node is not read. At most 5. Default: none.")
        @Size(max = 5)
        List<Component> skip,

        @JsonPropertyDescription("The last ask for a dry run.")
        PlanAsk plan,

        @JsonPropertyDescription("The order to detach; set when desired is Detached.")
        DetachOrder detach,

        @JsonPropertyDescription("The ask for a verification; set when the steps are done and the pods have gone.")
        VerificationAsk verification) {

    /** An ask to list what a detach would remove; it touches nothing. */
    public record PlanAsk(
            @JsonPropertyDescription("Id of the ask; the answer repeats it. 1 to 64 characters. No default.")
            @Required
            @Size(min = 1, max = 64)
            String id,

            @JsonPropertyDescription("When it was asked (RFC 3339, UTC). No default.") @Required
            Instant askedAt) {}

    /** The order to detach. */
    @RecordBuilder
    public record DetachOrder(
            @JsonPropertyDescription("Id of the operation. 1 to 128 characters. No default.")
            @Required
            @Size(min = 1, max = 128)
            String operationId,

            @JsonPropertyDescription("When it was ordered (RFC 3339, UTC). No default.") @Required
            Instant orderedAt,

            @JsonPropertyDescription("Why, for people. At most 256 characters. Default: empty.") @Size(max = 256)
            String reason,

            @JsonPropertyDescription(
                    "Name of the instance as messages show it. At most 253 characters. Default: the instance's name.")
            @Size(max = 253)
            String instanceDisplayName,

            @JsonPropertyDescription("How to clean up; each field is set. No default.") @Required
            CleanupPolicy policy) {}

    /**
     * An ask for a verification. Each ask is a new generation of the attachment, so an answer to an older one is known
     * by its generation.
     */
    @RecordBuilder
    public record VerificationAsk(
            @JsonPropertyDescription("Attempt; 1 is the first verification. No default. Range: 1 to 2147483647.")
            @Required
            @Min(1)
            @Max(Integer.MAX_VALUE)
            Integer attempt,

            @JsonPropertyDescription("When it was asked (RFC 3339, UTC). No default.") @Required
            Instant askedAt,

            @JsonPropertyDescription(
                    "Boot id of the machine as its VpnNode had it at the ask. At most 36 characters. Default: not known.")
            @Size(max = 36)
            String bootId,

            @JsonPropertyDescription(
                    "Start of the agent as its VpnNode had it at the ask (RFC 3339, UTC). Default: not known.")
            Instant agentStartedAt,

            @JsonPropertyDescription(
                    "Components to run again before the node is read, because their check failed. At most 5. Default: none.")
            @Size(max = 5)
            List<Component> rerun) {}
}
