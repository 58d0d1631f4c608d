package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/** What a component saw and did. The names in snake_case are those of ur-vpn-manager. */
@RecordBuilder
public record Evidence(
        @JsonProperty("thread_id")
        @JsonPropertyDescription(
                "THREAD_TERMINATION: what kept the VPN running, as <pod uid>/<process id of the launcher>. At most 64 characters.")
        @Size(max = 64)
        String threadId,

        @JsonProperty("stopped")
        @JsonPropertyDescription("THREAD_TERMINATION: the permit was withdrawn and the agent's loop ended.")
        Boolean stopped,

        @JsonProperty("rules_cleared") @JsonPropertyDescription("ROUTING_RULES_CLEAR: policy rules removed, a count.")
        Integer rulesCleared,

        @JsonProperty("routes_cleared") @JsonPropertyDescription("ROUTING_RULES_CLEAR: routes removed, a count.")
        Integer routesCleared,

        @JsonProperty("vpn_type")
        @JsonPropertyDescription("VPN_DISCONNECT: type of the VPN. At most 16 characters.")
        @Size(max = 16)
        String vpnType,

        @JsonProperty("disconnected")
        @JsonPropertyDescription("VPN_DISCONNECT: no daemon of the instance runs any more and its interface is gone.")
        Boolean disconnected,

        @JsonProperty("processes_ended") @JsonPropertyDescription("VPN_DISCONNECT: processes that were ended, a count.")
        Integer processesEnded,

        @JsonProperty("interfaces_removed")
        @JsonPropertyDescription("VPN_DISCONNECT: interfaces that went with their daemon or were removed, a count.")
        Integer interfacesRemoved,

        @JsonProperty("packet_filter_tables_removed")
        @JsonPropertyDescription("VPN_DISCONNECT: nftables tables removed, a count.")
        Integer packetFilterTablesRemoved,

        @JsonProperty("xfrm_removed")
        @JsonPropertyDescription("VPN_DISCONNECT: policies and states of the kernel's IPsec removed, a count.")
        Integer xfrmRemoved,

        @JsonProperty("connections_removed")
        @JsonPropertyDescription(
                "VPN_DISCONNECT: tracked connections of the interface's addresses removed, a count. Where the kernel does not show them, details say so.")
        Integer connectionsRemoved,

        @JsonProperty("config_saved")
        @JsonPropertyDescription(
                "CONFIGURATION_UPDATE: the agent's registry was written without the active instance and synced.")
        Boolean configSaved,

        @JsonProperty("cache_saved")
        @JsonPropertyDescription("CONFIGURATION_UPDATE: the instance's runtime state was removed.")
        Boolean cacheSaved,

        @JsonProperty("files_removed") @JsonPropertyDescription("CONFIGURATION_UPDATE: files removed, a count.")
        Integer filesRemoved,

        @JsonProperty("report") @JsonPropertyDescription("VERIFICATION_JOB: the report of the last attempt.")
        VerificationReport report,

        @JsonProperty("details")
        @JsonPropertyDescription(
                "What was seen, a line each, at most 256 characters a line. At most 20 lines; the last says how many more there were.")
        @Size(max = 20)
        List<@Size(max = 256) String> details) {}
