package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.soabase.recordbuilder.core.RecordBuilder;

/** Which parts of a node a verification reads. A part that is not read is reported as such, never as gone. */
@RecordBuilder
public record VerifyPolicy(
        @JsonPropertyDescription("Read the processes. Default: true.")
        Boolean threadProcesses,

        @JsonPropertyDescription("Read policy rules and routes, IPv4 and IPv6. Default: true.")
        Boolean routingTable,

        @JsonPropertyDescription("Read interfaces and packet filter tables. Default: true.")
        Boolean vpnInterfaces,

        @JsonPropertyDescription("Read the instance's files and the agent's registry. Default: true.")
        Boolean configurationFiles) {

    /** Every part is read. */
    public static final VerifyPolicy ALL = new VerifyPolicy(true, true, true, true);

    /** True where every part is read. */
    public boolean complete() {
        return Boolean.TRUE.equals(threadProcesses)
                && Boolean.TRUE.equals(routingTable)
                && Boolean.TRUE.equals(vpnInterfaces)
                && Boolean.TRUE.equals(configurationFiles);
    }
}
