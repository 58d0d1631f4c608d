package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

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

        @JsonPropertyDescription("What the node can do.") Capabilities capabilities,

        @JsonPropertyDescription("The sweep: the search for state that nothing explains.")
        Sweep sweep) {

    /**
     * The sweep of a node, written on change and at most every 5 minutes otherwise. It takes the place of
     * ur-vpn-manager's getCronJobStatus.
     */
    @RecordBuilder
    public record Sweep(
            @JsonPropertyDescription("The sweep is at work, at its interval.")
            Boolean running,

            @JsonPropertyDescription("Seconds from one run to the next.")
            Integer intervalSeconds,

            @JsonPropertyDescription("When the last run ended (RFC 3339, UTC).")
            Instant lastRunAt,

            @JsonPropertyDescription("When the next run is due (RFC 3339, UTC).")
            Instant nextRunAt,

            @JsonPropertyDescription("Runs since the agent started, a count.")
            Long runs,

            @JsonPropertyDescription("Entries in the node's registry of instances, a count.")
            Integer entries,

            @JsonPropertyDescription("Orphans that are there now, a count; orphans holds the first of them.")
            Integer orphansPresent,

            @JsonPropertyDescription("Orphans that went since the agent started, a count.")
            Long orphansGone,

            @JsonPropertyDescription("Why the last run could not read the node whole. At most 512 characters.")
            @Size(max = 512)
            String error,

            @JsonPropertyDescription("What nothing explains, seen in two runs with the same identity. At most 64.")
            @Size(max = 64)
            List<Orphan> orphans) {

        /** Its times alone are written at most so often. */
        public static final Duration WRITTEN_AGAIN = Duration.ofMinutes(5);

        private static final Duration LATE = Duration.ofSeconds(30);

        /** True where it is at work, or was so lately that nothing newer had to be written. */
        public boolean heardOf(Instant now) {
            Duration interval = Duration.ofSeconds(intervalSeconds == null ? 30 : intervalSeconds);
            return Boolean.TRUE.equals(running)
                    && lastRunAt != null
                    && now.isBefore(lastRunAt
                            .plus(WRITTEN_AGAIN)
                            .plus(interval.multipliedBy(2))
                            .plus(LATE));
        }
    }

    /** Marked state on the node that no attachment explains. */
    @RecordBuilder
    public record Orphan(
            @JsonPropertyDescription("What it is.") @Required
            StateKind kind,

            @JsonPropertyDescription("Which one. At most 256 characters.") @Required @Size(max = 256)
            String identity,

            @JsonPropertyDescription("The instance that its mark or the registry names. At most 36 characters.")
            @Size(max = 36)
            String instanceUid,

            @JsonPropertyDescription("Name of that instance, where the registry has it. At most 253 characters.")
            @Size(max = 253)
            String instanceName,

            @JsonPropertyDescription(
                    "Type of the VPN, where the registry has it; without it the state is reported only.")
            VpnType type,

            @JsonPropertyDescription("Name of the interface, where the registry has it. At most 15 characters.")
            @Size(max = 15)
            String interfaceName,

            @JsonPropertyDescription("When it was first seen (RFC 3339, UTC).")
            Instant firstSeenAt,

            @JsonPropertyDescription("What was done about it.")
            OrphanAction action,

            @JsonPropertyDescription("The same for people. At most 256 characters.") @Size(max = 256)
            String message) {}

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
