package io.urvpn.tunnel;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the operator needs to know of a tunnel's configuration, of whatever type. It holds no secret: the identity is a
 * digest.
 *
 * @param identity SHA-256, in hex, of what the peer knows the node by (a private key, or a user name); two configurations
 *     with the same one are the same to the peer; empty where each node makes its own
 * @param addresses addresses that the configuration itself gives the interface; none where the peer gives them
 * @param mtu in bytes, where the configuration names one
 * @param remotes hosts or addresses of the peer as they are written, without ports
 * @param files keys of the Secret that the configuration names and the daemon reads beside it, sorted
 */
public record TunnelConfiguration(
        String identity, List<IpPrefix> addresses, OptionalInt mtu, List<String> remotes, List<String> files) {

    /** The same with other addresses. */
    public TunnelConfiguration withAddresses(List<IpPrefix> others) {
        return new TunnelConfiguration(identity, List.copyOf(others), mtu, remotes, files);
    }

    /**
     * Identity of who has this.
     *
     * @param secret what the peer knows a node by
     */
    static String identity(byte[] secret) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(secret));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** What a parser makes of a text. */
    public sealed interface Parsed {}

    /** It can be used. */
    public record Accepted(TunnelConfiguration configuration) implements Parsed {}

    /** It cannot; the first of its problems. */
    public record Refused(ConfigurationProblem problem) implements Parsed {}
}
