package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A kind of state that an instance may have on a node. */
public enum StateKind {
    /** A process. */
    @JsonProperty("Process")
    PROCESS,
    /** A policy rule. */
    @JsonProperty("Rule")
    RULE,
    /** A route. */
    @JsonProperty("Route")
    ROUTE,
    /** A network interface. */
    @JsonProperty("Interface")
    INTERFACE,
    /** An nftables table. */
    @JsonProperty("PacketFilterTable")
    PACKET_FILTER_TABLE,
    /** A policy or state of the kernel's IPsec. */
    @JsonProperty("Xfrm")
    XFRM,
    /** Tracked connections of an address. */
    @JsonProperty("Connection")
    CONNECTION,
    /** A file or directory. */
    @JsonProperty("File")
    FILE,
    /** An entry in the node's registry of instances. */
    @JsonProperty("RegistryEntry")
    REGISTRY_ENTRY;
}
