package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The type of a VPN. */
public enum VpnType {
    /** WireGuard: the kernel's where the node has it, wireguard-go otherwise. */
    @JsonProperty("WireGuard")
    WIREGUARD,
    /** OpenVPN. */
    @JsonProperty("OpenVPN")
    OPENVPN,
    /** IPsec by strongSwan. */
    @JsonProperty("IPsec")
    IPSEC;
}
