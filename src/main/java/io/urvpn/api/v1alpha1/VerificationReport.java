package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What a verification read, in the shape of ur-vpn-manager. A part that was not read has {@code exists: true} and the
 * details "Not read": unreachable is never gone.
 */
@RecordBuilder
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
    "instance_name",
    "thread_verification",
    "routing_verification",
    "vpn_verification",
    "configuration_verification"
})
public record VerificationReport(
        @JsonProperty("instance_name")
        @JsonPropertyDescription("Name of the instance, as messages show it. At most 253 characters.")
        @Size(max = 253)
        String instanceName,

        @JsonProperty("thread_verification") @JsonPropertyDescription("What was read of processes.")
        ThreadVerification thread,

        @JsonProperty("routing_verification") @JsonPropertyDescription("What was read of rules and routes.")
        RoutingVerification routing,

        @JsonProperty("vpn_verification")
        @JsonPropertyDescription(
                "What was read of interfaces, packet filter tables, the kernel's IPsec and tracked connections.")
        VpnVerification vpn,

        @JsonProperty("configuration_verification")
        @JsonPropertyDescription("What was read of files and the agent's registry.")
        ConfigurationVerification configuration) {

    /** Details of a part that was not read. */
    public static final String NOT_READ = "Not read";

    public static final String NO_THREAD = "No thread process found";
    public static final String NO_ROUTING = "No routing rules found";
    public static final String NO_VPN = "No VPN infrastructure found";
    public static final String NO_CONFIGURATION = "No configuration found";

    /** Processes. */
    public record ThreadVerification(
            @JsonProperty("exists") @JsonPropertyDescription("A process of the instance exists.") @Required
            boolean exists,

            @JsonProperty("is_running") @JsonPropertyDescription("A process of the instance runs.") @Required
            boolean isRunning,

            @JsonProperty("details")
            @JsonPropertyDescription("What was found. At most 1024 characters.")
            @Size(max = 1024)
            String details) {}

    /** Rules and routes. */
    public record RoutingVerification(
            @JsonProperty("exists") @JsonPropertyDescription("A rule or route of the instance exists.") @Required
            boolean exists,

            @JsonProperty("rule_count")
            @JsonPropertyDescription("Rules and routes of the instance that exist, a count.")
            @Required
            int ruleCount,

            @JsonProperty("details")
            @JsonPropertyDescription("What was found. At most 1024 characters.")
            @Size(max = 1024)
            String details) {}

    /** Interfaces and what the kernel keeps beside them. */
    public record VpnVerification(
            @JsonProperty("exists")
            @JsonPropertyDescription(
                    "An interface, packet filter table, policy or state of IPsec, or tracked connection of the instance exists.")
            @Required
            boolean exists,

            @JsonProperty("interface_count")
            @JsonPropertyDescription("Interfaces of the instance that exist, a count.")
            @Required
            int interfaceCount,

            @JsonProperty("details")
            @JsonPropertyDescription("What was found. At most 1024 characters.")
            @Size(max = 1024)
            String details) {}

    /** Files and the registry. */
    public record ConfigurationVerification(
            @JsonProperty("exists")
            @JsonPropertyDescription("A file or an active entry of the instance exists.")
            @Required
            boolean exists,

            @JsonProperty("details")
            @JsonPropertyDescription("What was found. At most 1024 characters.")
            @Size(max = 1024)
            String details) {}

    /** The report of a node on which nothing was read. */
    public static VerificationReport notRead(String instanceName) {
        return new VerificationReport(
                instanceName,
                new ThreadVerification(true, true, NOT_READ),
                new RoutingVerification(true, 0, NOT_READ),
                new VpnVerification(true, 0, NOT_READ),
                new ConfigurationVerification(true, NOT_READ));
    }

    /** True where no part was found to exist. */
    public boolean clean() {
        return !thread.exists() && !routing.exists() && !vpn.exists() && !configuration.exists();
    }
}
