package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;

/** What is there on the node. Written by the agent of that node alone. */
@RecordBuilder
public record VpnAttachmentStatus(
        @JsonPropertyDescription("Generation that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription(
                "Key of the machine, recorded before its permit; only that machine answers for the attachment. At most 64 characters.")
        @Size(max = 64)
        String machineKey,

        @JsonPropertyDescription("Boot id of the machine. At most 36 characters.") @Size(max = 36)
        String bootId,

        @JsonPropertyDescription("Conditions; Ready says whether the tunnel carries traffic. At most 8.") @Size(max = 8)
        List<Condition> conditions,

        @JsonPropertyDescription("Routing table and priority of the rules. Range: 20000 to 29999 by default.")
        Integer table,

        @JsonPropertyDescription("Uid of the pod that holds the permit. At most 36 characters.") @Size(max = 36)
        String permittedPodUid,

        @JsonPropertyDescription(
                "Uids of every pod that ever had a permit and has not been seen to be gone, the newest last. At most 32.")
        @Size(max = 32)
        List<@Size(max = 36) String> podUids,

        @JsonPropertyDescription("The interface.") LinkStatus link,

        @JsonPropertyDescription(
                "The node's own public key, where its agent made the key (WireGuard: base64). At most 64 characters.")
        @Size(max = 64)
        String publicKey,

        @JsonPropertyDescription(
                "Addresses that the operator gives the interface, with their prefix length; with GeneratePerNode they are what the peer takes as AllowedIPs. At most 16, each at most 43 characters.")
        @Size(max = 16)
        List<@Size(max = 43) String> addresses,

        @JsonPropertyDescription("Peers of the tunnel. At most 32.") @Size(max = 32)
        List<PeerStatus> peers,

        @JsonPropertyDescription("The tunnel as its daemon tells it; with WireGuard, what its peers make up.")
        ConnectionStatus connection,

        @JsonPropertyDescription("What was put right because somebody or something had changed it.")
        RepairStatus repairs,

        @JsonPropertyDescription("The answer to the last ask for a dry run.")
        PlanAnswer plan,

        @JsonPropertyDescription("How far the detach is.") DetachStatus detach,

        @JsonPropertyDescription("The answer to the last ask for a verification.")
        Verdict verdict) {

    /** The interface on the node. */
    @RecordBuilder
    public record LinkStatus(
            @JsonPropertyDescription("Name. At most 15 characters.") @Size(max = 15)
            String name,

            @JsonPropertyDescription("Index on the node.") Integer index,

            @JsonPropertyDescription("Kind as the kernel has it: wireguard, tun or xfrm. At most 16 characters.")
            @Size(max = 16)
            String kind,

            @JsonPropertyDescription("The interface is administratively up.")
            Boolean up,

            @JsonPropertyDescription("MTU in bytes.") Integer mtu) {}

    /** A peer of the tunnel. Counters are written on a change of state and at most every 5 minutes. */
    @RecordBuilder
    public record PeerStatus(
            @JsonPropertyDescription("Public key (WireGuard: base64). At most 64 characters.") @Required @Size(max = 64)
            String publicKey,

            @JsonPropertyDescription("Address and port. At most 64 characters.") @Size(max = 64)
            String endpoint,

            @JsonPropertyDescription("Last handshake (RFC 3339, UTC); not set before the first.")
            Instant lastHandshakeAt,

            @JsonPropertyDescription("Bytes received.") Long receivedBytes,
            @JsonPropertyDescription("Bytes sent.") Long sentBytes) {}

    /** The tunnel as its daemon tells it. Counters are written on a change of state and at most every 5 minutes. */
    @RecordBuilder
    public record ConnectionStatus(
            @JsonPropertyDescription(
                    "State in the daemon's own word, such as CONNECTED or RECONNECTING of OpenVPN; WireGuard has none. At most 32 characters.")
            @Size(max = 32)
            String state,

            @JsonPropertyDescription(
                    "Since when the peer answers without a break (RFC 3339, UTC); not set while it does not.")
            Instant connectedSince,

            @JsonPropertyDescription("Last handshake or rekey (RFC 3339, UTC); not set before the first.")
            Instant lastHandshakeAt,

            @JsonPropertyDescription("Address and port of the peer. At most 64 characters.") @Size(max = 64)
            String endpoint,

            @JsonPropertyDescription("Bytes received.") Long receivedBytes,
            @JsonPropertyDescription("Bytes sent.") Long sentBytes,

            @JsonPropertyDescription("Addresses that the peer gave, with their prefix length. At most 16.")
            @Size(max = 16)
            List<@Size(max = 43) String> addresses,

            @JsonPropertyDescription("MTU in bytes that the peer gave; not set where it gave none.")
            Integer mtu,

            @JsonPropertyDescription(
                    "Routes that the peer asked for; they are shown only: spec.routes of the VpnInstance are what is set. At most 64.")
            @Size(max = 64)
            List<@Size(max = 43) String> pushedRoutes,

            @JsonPropertyDescription(
                    "The daemon's last error in its own words, without secrets. At most 256 characters.")
            @Size(max = 256)
            String lastError,

            @JsonPropertyDescription("When that was (RFC 3339, UTC).")
            Instant lastErrorAt) {}

    /** What was put right. */
    public record RepairStatus(
            @JsonPropertyDescription("How many repairs since the attachment began, a count.")
            Long count,

            @JsonPropertyDescription("The last repair, for people. At most 256 characters.") @Size(max = 256)
            String last,

            @JsonPropertyDescription("When it was (RFC 3339, UTC).")
            Instant lastAt) {}

    /** What a detach would remove, as it was on the node at that moment. */
    public record PlanAnswer(
            @JsonPropertyDescription("Id of the ask. At most 64 characters.") @Size(max = 64)
            String id,

            @JsonPropertyDescription("When the node was read (RFC 3339, UTC).")
            Instant readAt,

            @JsonPropertyDescription("What would be removed, a count; items holds the first of them.")
            Integer total,

            @JsonPropertyDescription("What would be removed, in the order in which it would. At most 64.")
            @Size(max = 64)
            List<PlanItem> items,

            @JsonPropertyDescription("What could not be read, for people. At most 512 characters.") @Size(max = 512)
            String error) {}

    /** One thing that a detach would remove. */
    public record PlanItem(
            @JsonPropertyDescription("What it is.") @Required
            StateKind kind,

            @JsonPropertyDescription("Which one, close to what ip(8), nft(8) and ps(1) print. At most 256 characters.")
            @Required
            @Size(max = 256)
            String identity) {}

    /** How far the detach is. */
    @RecordBuilder
    public record DetachStatus(
            @JsonPropertyDescription("Id of the operation. At most 128 characters.") @Size(max = 128)
            String operationId,

            @JsonPropertyDescription("When the first step began (RFC 3339, UTC).")
            Instant startedAt,

            @JsonPropertyDescription("When the last step ended (RFC 3339, UTC); set when no step is to run any more.")
            Instant stepsCompletedAt,

            @JsonPropertyDescription("The components. At most 5.") @Size(max = 5)
            List<ComponentStatus> components) {}
}
