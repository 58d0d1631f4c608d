package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;

/** What has become of a tunnel. Written by the operator. */
@RecordBuilder
public record VpnInstanceStatus(
        @JsonPropertyDescription("Generation that this status speaks of.")
        Long observedGeneration,

        @JsonPropertyDescription("Conditions, as kstatus reads them: Ready, Reconciling, Stalled. At most 8.")
        @Size(max = 8)
        List<Condition> conditions,

        @JsonPropertyDescription("Name of the interface on each node. At most 15 characters.") @Size(max = 15)
        String interfaceName,

        @JsonPropertyDescription(
                "Image that the pods run, pinned when the instance first came up. At most 512 characters.")
        @Size(max = 512)
        String runtimeImage,

        @JsonPropertyDescription(
                "Value of the annotation urvpn.io/upgrade-runtime that was acted on last. At most 256 characters.")
        @Size(max = 256)
        String runtimeUpgrade,

        @JsonPropertyDescription("Counts of nodes.") NodeCounts nodes,

        @JsonPropertyDescription(
                "Nodes that are not ready, by name. At most 20; nodes.attached and nodes.ready count all.")
        @Size(max = 20)
        List<NotReadyNode> notReady,

        @JsonPropertyDescription("What was put right on all nodes.")
        VpnAttachmentStatus.RepairStatus repairs,

        @JsonPropertyDescription("The cleanup under way, or the one that suspended the instance.")
        CleanupProgress cleanup,

        @JsonPropertyDescription("The last dry run.") PlanProgress plan,

        @JsonPropertyDescription(
                "The last detachments of nodes that stopped being selected, the newest first. At most 10.")
        @Size(max = 10)
        List<Detachment> recentDetachments) {

    /** Counts of nodes. */
    public record NodeCounts(
            @JsonPropertyDescription("Nodes that are selected, a count.")
            Integer desired,

            @JsonPropertyDescription("Nodes with an attachment, a count.")
            Integer attached,

            @JsonPropertyDescription("Nodes whose tunnel is ready, a count.")
            Integer ready) {}

    /** How far the last dry run is; each node's answer stands in its VpnAttachment. */
    @RecordBuilder
    public record PlanProgress(
            @JsonPropertyDescription("Id of the ask. At most 64 characters.") @Size(max = 64)
            String id,

            @JsonPropertyDescription("Who asked. At most 253 characters.") @Size(max = 253)
            String actor,

            @JsonPropertyDescription("Why. At most 512 characters.") @Size(max = 512)
            String reason,

            @JsonPropertyDescription("When it was asked (RFC 3339, UTC).")
            Instant askedAt,

            @JsonPropertyDescription("Nodes that are asked, a count.")
            Integer nodes,

            @JsonPropertyDescription("Nodes that have answered, a count.")
            Integer answered,

            @JsonPropertyDescription("What would be removed on those, a count.")
            Integer items) {}

    /** A node whose tunnel is not ready. */
    public record NotReadyNode(
            @JsonPropertyDescription("Name of the node. At most 253 characters.") @Required @Size(max = 253)
            String node,

            @JsonPropertyDescription("Reason, one of the documented ones. At most 64 characters.") @Size(max = 64)
            String reason,

            @JsonPropertyDescription("What it means and what to do. At most 512 characters.") @Size(max = 512)
            String message) {}

    /** The cleanup under way, as the VpnCleanup of that name has it in full. */
    @RecordBuilder
    public record CleanupProgress(
            @JsonPropertyDescription("Id of the operation, which is the VpnCleanup's name. At most 128 characters.")
            @Size(max = 128)
            String operationId,

            @JsonPropertyDescription("How far the operation is.")
            OperationPhase phase,

            @JsonPropertyDescription("The five components, summed up over the nodes. At most 5.") @Size(max = 5)
            List<ComponentStatus> components,

            @JsonPropertyDescription("Nodes that the operation covers, a count.")
            Integer nodes,

            @JsonPropertyDescription("Nodes that have their verdict, a count.")
            Integer nodesVerified,

            @JsonPropertyDescription("When the next verification is due (RFC 3339, UTC).")
            Instant nextVerificationAt,

            @JsonPropertyDescription("What is waited for and what helps. At most 1024 characters.") @Size(max = 1024)
            String message) {}

    /** A node that stopped being selected and was cleaned. */
    @RecordBuilder
    public record Detachment(
            @JsonPropertyDescription("Name of the node. At most 253 characters.") @Size(max = 253)
            String node,

            @JsonPropertyDescription("Id of the detach. At most 128 characters.") @Size(max = 128)
            String operationId,

            @JsonPropertyDescription("Why. At most 256 characters.") @Size(max = 256)
            String reason,

            @JsonPropertyDescription("What ended it.") Outcome outcome,

            @JsonPropertyDescription("When the attachment ended (RFC 3339, UTC).")
            Instant endedAt,

            @JsonPropertyDescription("Verification attempts, a count.")
            Integer attempts,

            @JsonPropertyDescription("Uid of the attachment. 36 characters.") @Size(max = 36)
            String attachmentUid,

            @JsonPropertyDescription("Key of the machine. At most 64 characters.") @Size(max = 64)
            String machineKey,

            @JsonPropertyDescription("What a person did to it last.")
            Intervention intervention) {}
}
