package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How the cleanup of an instance runs. In a VpnInstance each field is optional and falls back to the operator's
 * configuration; in a VpnCleanup and in a detach order each is set.
 */
@RecordBuilder
public record CleanupPolicy(
        @JsonPropertyDescription(
                "Seconds from the last step to the first verification. Default: the operator's setting, 5. Range: 0 to 3600.")
        @Min(0)
        @Max(3600)
        Integer verificationDelaySeconds,

        @JsonPropertyDescription(
                "Retries after the first failed verification, so that 3 makes four verifications in all. Default: the operator's setting, 3. Range: 0 to 20.")
        @Min(0)
        @Max(20)
        Integer maxRetryAttempts,

        @JsonPropertyDescription(
                "Seconds before the first retry of a verification; doubles with each failure. Default: the operator's setting, 10. Range: 1 to 3600.")
        @Min(1)
        @Max(3600)
        Integer retryBackoffSeconds,

        @JsonPropertyDescription(
                "Seconds for one step on one node, and for an agent's answer to an ask. Default: the operator's setting, 60. Range: 1 to 3600.")
        @Min(1)
        @Max(3600)
        Integer timeoutSeconds,

        @JsonPropertyDescription(
                "Seconds for the VPN's own disconnect before its daemon gets TERM, and from there to KILL. Default: the operator's setting, 5. Range: 0 to 300.")
        @Min(0)
        @Max(300)
        Integer disconnectTimeoutSeconds,

        @JsonPropertyDescription(
                "Seconds between verifications of an operation that has FAILED. Default: the operator's setting, 300. Range: 1 to 86400.")
        @Min(1)
        @Max(86400)
        Integer blockedRetrySeconds,

        @JsonPropertyDescription(
                "How long a node is away before it counts as lost (kubelet and agent are silent) or gone (no Node of that name is backed by the machine), as a duration such as 5m or 1h30m. Default: the operator's setting, 5m. At most 8 characters.")
        @Pattern("^([0-9]{1,4}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?$")
        @Size(min = 2, max = 8)
        String nodeLostAfter,

        @JsonPropertyDescription(
                "When the object may go with a debt open: Never, NodeLost or NodeLostOrFailed. The debt stays as a VpnAttachment until the node was read again. Default: the operator's setting, Never.")
        ReleaseWhen releaseWhen,

        @JsonPropertyDescription("Which parts of a node the verification reads. Default: all.")
        VerifyPolicy verify,

        @JsonPropertyDescription(
                "Seconds for which the VpnCleanup stays after its end; never removed while a debt is open. Default: the operator's setting, 604800 (7 days). Range: 0 to 31536000.")
        @Min(0)
        @Max(31536000)
        Integer ttlSecondsAfterFinished) {}
