package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.List;

/**
 * An agent's answer to one ask for a verification. It counts only if it echoes the ask: attachment uid and generation,
 * operation id, attempt, and the machine key that was recorded before the permit; boot id and agent start must be those
 * at the ask.
 */
@RecordBuilder
public record Verdict(
        @JsonPropertyDescription("Operation id of the ask. At most 128 characters.") @Size(max = 128)
        String operationId,

        @JsonPropertyDescription("Uid of the attachment. 36 characters.") @Size(max = 36)
        String attachmentUid,

        @JsonPropertyDescription("Generation of the attachment that carried the ask.")
        Long generation,

        @JsonPropertyDescription("Attempt that was asked for; 1 is the first verification.")
        Integer attempt,

        @JsonPropertyDescription("Key of the machine that read. At most 64 characters.") @Size(max = 64)
        String machineKey,

        @JsonPropertyDescription("Boot id of the machine at the read. At most 36 characters.") @Size(max = 36)
        String bootId,

        @JsonPropertyDescription("When the agent that read had started (RFC 3339, UTC).")
        Instant agentStartedAt,

        @JsonPropertyDescription("When the node was read (RFC 3339, UTC).")
        Instant verifiedAt,

        @JsonPropertyDescription("True where each part that was to be read was read and nothing was found.")
        Boolean clean,

        @JsonPropertyDescription(
                "Components to run again, because their part was found or could not be read. At most 5.")
        @Size(max = 5)
        List<Component> failed,

        @JsonPropertyDescription("Stable code of the first thing that failed. At most 64 characters.") @Size(max = 64)
        String errorCode,

        @JsonPropertyDescription("What was read.") VerificationReport report) {}
