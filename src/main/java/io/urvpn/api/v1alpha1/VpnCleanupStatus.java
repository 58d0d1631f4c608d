package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;

/** How far an operation is, and its evidence. Written by the operator. */
@RecordBuilder
public record VpnCleanupStatus(
        @JsonPropertyDescription("Generation that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("How far the operation is.")
        OperationPhase phase,

        @JsonPropertyDescription("Conditions, as kstatus reads them: Ready, Reconciling, Stalled. At most 8.")
        @Size(max = 8)
        List<Condition> conditions,

        @JsonPropertyDescription("When it began (RFC 3339, UTC).")
        Instant startedAt,

        @JsonPropertyDescription("When it ended with a verdict for each node (RFC 3339, UTC).")
        Instant completedAt,

        @JsonPropertyDescription("The five components, summed up over the nodes. At most 5.") @Size(max = 5)
        List<ComponentStatus> components,

        @JsonPropertyDescription("The report, summed up over the nodes: booleans by OR, counts by sum.")
        VerificationReport report,

        @JsonPropertyDescription("Counts of nodes.") Counts counts,

        @JsonPropertyDescription("Each node, those that need attention first. At most 5000.") @Size(max = 5000)
        List<NodeCleanup> nodes,

        @JsonPropertyDescription("When the next verification is due (RFC 3339, UTC).")
        Instant nextVerificationAt,

        @JsonPropertyDescription("What people did to this operation, the newest last. At most 32.") @Size(max = 32)
        List<Intervention> interventions,

        @JsonPropertyDescription(
                "Messages over MQTT, in the order in which they are sent; not set where none was owed. At most 3.")
        @Size(max = 3)
        List<Delivery> deliveries,

        @JsonPropertyDescription("What is waited for and what helps. At most 1024 characters.") @Size(max = 1024)
        String message) {

    /** Counts of nodes. */
    public record Counts(
            @JsonPropertyDescription("Nodes that the operation covers, a count.")
            Integer total,

            @JsonPropertyDescription("Nodes that were read again and are clean, a count.")
            Integer verified,

            @JsonPropertyDescription("Nodes that ended without having been read clean (NodeGone, Forced), a count.")
            Integer notRead,

            @JsonPropertyDescription("Debts: nodes whose object was let go before they were verified, a count.")
            Integer debts,

            @JsonPropertyDescription("Nodes that are under way, a count.")
            Integer pending,

            @JsonPropertyDescription("Nodes whose last verification failed, a count.")
            Integer failed) {}

    /** A message over MQTT: it is on record before it is sent, and until the broker has acknowledged it. */
    @RecordBuilder
    public record Delivery(
            @JsonPropertyDescription("Which message it is.") @Required
            DeliveryKind kind,

            @JsonPropertyDescription("How far its delivery is.") @Required
            DeliveryState state,

            @JsonPropertyDescription("When it was put on record (RFC 3339, UTC).")
            Instant recordedAt,

            @JsonPropertyDescription(
                    "How often it was sent, a count; not each is on record where the operator ended in between.")
            Integer attempts,

            @JsonPropertyDescription("When the broker acknowledged it (RFC 3339, UTC).")
            Instant acknowledgedAt,

            @JsonPropertyDescription("Why it is not delivered yet. At most 512 characters.") @Size(max = 512)
            String lastError,

            @JsonPropertyDescription("The message itself, JSON. At most 4096 characters.") @Required @Size(max = 4096)
            String payload) {}

    /** One node of an operation. */
    @RecordBuilder
    public record NodeCleanup(
            @JsonPropertyDescription("Name of the node. At most 253 characters.") @Required @Size(max = 253)
            String node,

            @JsonPropertyDescription("Uid of the attachment. At most 36 characters.") @Size(max = 36)
            String attachmentUid,

            @JsonPropertyDescription("Key of the machine. At most 64 characters.") @Size(max = 64)
            String machineKey,

            @JsonPropertyDescription("What ended the attachment; not set while it is under way.")
            Outcome outcome,

            @JsonPropertyDescription(
                    "What had ended it before: NodeGone, Released or Forced, where the node came back and was read.")
            Outcome earlierOutcome,

            @JsonPropertyDescription("When it ended (RFC 3339, UTC).")
            Instant endedAt,

            @JsonPropertyDescription(
                    "The components on this node. At most 5. Left out for nodes that ended well where the operation has so many that the object would grow too large; componentMillis and removed stay.")
            @Size(max = 5)
            List<ComponentStatus> components,

            @JsonPropertyDescription(
                    "What was removed where components is left out, eight counts: rules, routes, processes, interfaces, packet filter tables, files, policies and states of IPsec, tracked connections; the last two are missing where an earlier version wrote them. At most 8.")
            @Size(max = 8)
            List<Integer> removed,

            @JsonPropertyDescription(
                    "Duration of each of the five components in milliseconds, in their order, where components is left out. At most 5.")
            @Size(max = 5)
            List<Long> componentMillis,

            @JsonPropertyDescription("Components that a person skipped on this node. At most 5.") @Size(max = 5)
            List<Component> skipped,

            @JsonPropertyDescription("The last answered verification.")
            Verdict verdict,

            @JsonPropertyDescription("Verification attempts that were answered, a count.")
            Integer attempts,

            @JsonPropertyDescription("When the next verification is due (RFC 3339, UTC).")
            Instant nextVerificationAt,

            @JsonPropertyDescription("What this node is waited for. At most 64 characters.") @Size(max = 64)
            String pendingReason,

            @JsonPropertyDescription("The same for people. At most 512 characters.") @Size(max = 512)
            String pendingMessage,

            @JsonPropertyDescription("Since when it is waited for (RFC 3339, UTC).")
            Instant pendingSince) {}
}
