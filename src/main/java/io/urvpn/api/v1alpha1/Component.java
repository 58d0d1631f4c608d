package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The tracked parts of a cleanup, in the order in which they run on a node. */
public enum Component {
    /** What keeps the VPN running is ended: the launcher's permit and the agent's loop. */
    @JsonProperty("THREAD_TERMINATION")
    THREAD_TERMINATION,
    /** Policy rules, then routes, are removed. */
    @JsonProperty("ROUTING_RULES_CLEAR")
    ROUTING_RULES_CLEAR,
    /** The daemon is disconnected and ended, then its interface and packet filter go. */
    @JsonProperty("VPN_DISCONNECT")
    VPN_DISCONNECT,
    /** Files and the registry's entry go. */
    @JsonProperty("CONFIGURATION_UPDATE")
    CONFIGURATION_UPDATE,
    /** The node is read afresh. */
    @JsonProperty("VERIFICATION_JOB")
    VERIFICATION_JOB;
}
