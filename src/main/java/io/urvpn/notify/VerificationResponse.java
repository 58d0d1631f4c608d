package io.urvpn.notify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.urvpn.api.v1alpha1.VerificationReport;
import java.time.Instant;

/** The message at the end of an operation, in ur-vpn-manager's shape. */
@JsonPropertyOrder({"type", "operation_id", "instance_name", "cleanup_successful", "verification_report", "timestamp"})
public record VerificationResponse(
        @JsonProperty("type") String type,
        @JsonProperty("operation_id") String operationId,
        @JsonProperty("instance_name") String instanceName,
        @JsonProperty("cleanup_successful") boolean cleanupSuccessful,
        @JsonProperty("verification_report") Report report,
        @JsonProperty("timestamp") long timestamp) {

    /** The report without the texts that only the stored one has. */
    @JsonPropertyOrder({"thread_verification", "routing_verification", "vpn_verification", "configuration_verification"
    })
    public record Report(
            @JsonProperty("thread_verification") Thread thread,
            @JsonProperty("routing_verification") Routing routing,
            @JsonProperty("vpn_verification") Vpn vpn,
            @JsonProperty("configuration_verification") Configuration configuration) {}

    /** Processes. */
    @JsonPropertyOrder({"exists", "is_running"})
    public record Thread(
            @JsonProperty("exists") boolean exists,
            @JsonProperty("is_running") boolean isRunning) {}

    /** Rules and routes. */
    @JsonPropertyOrder({"exists", "rule_count"})
    public record Routing(
            @JsonProperty("exists") boolean exists,
            @JsonProperty("rule_count") int ruleCount) {}

    /** Interfaces. */
    @JsonPropertyOrder({"exists", "interface_count"})
    public record Vpn(
            @JsonProperty("exists") boolean exists,
            @JsonProperty("interface_count") int interfaceCount) {}

    /** Files and the registry. */
    public record Configuration(@JsonProperty("exists") boolean exists) {}

    /**
     * Of an operation that ended.
     *
     * @param operationId name of the VpnCleanup
     * @param successful each part was read and found gone, or its check was off
     * @param report summed up over the nodes; its instance name is the one that messages show
     * @param endedAt cut to whole seconds
     */
    public static VerificationResponse of(
            String operationId, boolean successful, VerificationReport report, Instant endedAt) {
        return new VerificationResponse(
                "cleanup_verification",
                operationId,
                report.instanceName(),
                successful,
                new Report(
                        new Thread(report.thread().exists(), report.thread().isRunning()),
                        new Routing(report.routing().exists(), report.routing().ruleCount()),
                        new Vpn(report.vpn().exists(), report.vpn().interfaceCount()),
                        new Configuration(report.configuration().exists())),
                endedAt.getEpochSecond());
    }
}
