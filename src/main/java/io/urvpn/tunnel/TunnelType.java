package io.urvpn.tunnel;

import io.urvpn.api.v1alpha1.VpnType;
import java.util.Optional;

/**
 * What is particular to a type of VPN.
 *
 * @param type the type
 * @param plainKey key of the Secret that every node without a key of its own uses
 * @param defaultMtu in bytes
 */
public record TunnelType(VpnType type, String plainKey, int defaultMtu) {

    /** WireGuard over IPv4 or IPv6 on Ethernet: 1500 less 80 bytes, as wg-quick(8) has it. */
    public static final TunnelType WIREGUARD = new TunnelType(VpnType.WIREGUARD, "wg.conf", 1420);

    /** The type, where this version runs it. */
    public static Optional<TunnelType> of(VpnType type) {
        return type == VpnType.WIREGUARD ? Optional.of(WIREGUARD) : Optional.empty();
    }

    /** Key of the Secret for one node. */
    public static String nodeKey(String nodeName) {
        return nodeName + ".conf";
    }
}
