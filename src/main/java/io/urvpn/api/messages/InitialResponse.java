package io.urvpn.api.messages;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/** The answer to a delete, in ur-vpn-manager's shape. It carries no operation id; that travels beside it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"success", "message", "cleanup_status", "verification_scheduled", "cleanup_tracking"})
public record InitialResponse(
        @JsonProperty("success") boolean success,
        @JsonProperty("message") String message,
        @JsonProperty("cleanup_status") String cleanupStatus,
        @JsonProperty("verification_scheduled") Boolean verificationScheduled,
        @JsonProperty("cleanup_tracking") CleanupTracking cleanupTracking) {

    /** What watches over the operation. */
    @JsonPropertyOrder({"tracking_enabled", "verification_job_scheduled", "cron_job_status"})
    public record CleanupTracking(
            @JsonProperty("tracking_enabled") boolean trackingEnabled,
            @JsonProperty("verification_job_scheduled") boolean verificationJobScheduled,
            @JsonProperty("cron_job_status") String cronJobStatus) {}

    /** Whether the agents that are concerned are there. */
    public enum Agents {
        ALL("running"),
        SOME("degraded"),
        NONE("stopped");

        private final String word;

        Agents(String word) {
            this.word = word;
        }

        /** As messages have it. */
        public String word() {
            return word;
        }

        /**
         * The word for a count.
         *
         * @param concerned agents of the nodes that the operation covers
         * @param there those of them that are there
         */
        public static Agents of(long concerned, long there) {
            if (there >= concerned) {
                return ALL;
            }
            return there == 0 ? NONE : SOME;
        }
    }

    /** A delete that was accepted. */
    public static InitialResponse accepted(Agents agents) {
        return new InitialResponse(
                true,
                "VPN instance delete operation initiated - verification will follow",
                "initiated",
                true,
                new CleanupTracking(true, true, agents.word));
    }

    /** A delete that was refused. */
    public static InitialResponse refused(String reason) {
        return new InitialResponse(false, reason, "rejected", null, null);
    }
}
