package io.urvpn.tunnel;

import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import java.util.Arrays;
import java.util.Map;

/**
 * What is particular to a type of VPN.
 *
 * @param type the type
 * @param plainKey key of the Secret that every node without a key of its own uses
 * @param defaultMtu in bytes
 * @param parser reads its configuration
 */
public record TunnelType(VpnType type, String plainKey, int defaultMtu, Parser parser) {

    private static final String NODE_SUFFIX = ".conf";

    /** WireGuard over IPv4 or IPv6 on Ethernet: 1500 less 80 bytes, as wg-quick(8) has it. */
    public static final TunnelType WIREGUARD =
            new TunnelType(VpnType.WIREGUARD, "wg.conf", 1420, (text, files) -> WireGuardParser.parse(text));

    /** WireGuard with a private key that each node makes itself and an address that the operator gives. */
    public static final TunnelType WIREGUARD_GENERATED =
            new TunnelType(VpnType.WIREGUARD, "wg.conf", 1420, (text, files) -> WireGuardParser.parseGenerated(text));

    /** OpenVPN; 1500 bytes is the --tun-mtu that both of its sides take when nothing is written. */
    public static final TunnelType OPENVPN = new TunnelType(VpnType.OPENVPN, "client.ovpn", 1500, OpenVpnParser::parse);

    /**
     * IPsec. Of a packet of 1500 bytes ESP takes at most 104, with IPv6 and UDP around it (40 and 8), its header (8), an
     * IV (16) and a check value of SHA-512 (32); of what is left whole blocks of AES (1392) hold a packet and 2 bytes.
     */
    public static final TunnelType IPSEC = new TunnelType(VpnType.IPSEC, "swanctl.conf", 1390, SwanctlParser::parse);

    /** Reads a type's configuration. */
    @FunctionalInterface
    public interface Parser {
        /**
         * Reads a whole configuration.
         *
         * @param text the configuration
         * @param files every key of the Secret, for what the configuration names
         */
        Parsed parse(String text, Map<String, byte[]> files);
    }

    /** What is particular to a type. */
    public static TunnelType of(VpnType type) {
        return switch (type) {
            case WIREGUARD -> WIREGUARD;
            case OPENVPN -> OPENVPN;
            case IPSEC -> IPSEC;
        };
    }

    /** What is particular to a type as an instance has it. */
    public static TunnelType of(VpnType type, IdentitySource identity) {
        return type == VpnType.WIREGUARD && identity == IdentitySource.GENERATE_PER_NODE
                ? WIREGUARD_GENERATED
                : of(type);
    }

    /** True where each node makes its own identity, so that one configuration serves any number of them. */
    public boolean generatesIdentity() {
        return equals(WIREGUARD_GENERATED);
    }

    /** True for a key of a Secret that can be the configuration of a node, whatever its type. */
    public static boolean isConfiguration(String key) {
        return key.endsWith(NODE_SUFFIX)
                || Arrays.stream(VpnType.values())
                        .map(TunnelType::of)
                        .anyMatch(type -> type.plainKey().equals(key));
    }

    /** Key of the Secret for one node. */
    public static String nodeKey(String nodeName) {
        return nodeName + NODE_SUFFIX;
    }
}
