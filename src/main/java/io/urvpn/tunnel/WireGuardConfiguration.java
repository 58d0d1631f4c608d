package io.urvpn.tunnel;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the operator needs to know of a WireGuard configuration. It holds no key: the identity is a digest.
 *
 * @param identity SHA-256 of the private key, in hex; two configurations with the same one are the same peer
 * @param addresses wg-quick's Address lines
 * @param mtu wg-quick's MTU line, in bytes
 * @param peers how many peers there are
 */
public record WireGuardConfiguration(String identity, List<IpPrefix> addresses, OptionalInt mtu, int peers) {

    /** What a parser makes of a text. */
    public sealed interface Parsed {}

    /** It can be used. */
    public record Accepted(WireGuardConfiguration configuration) implements Parsed {}

    /** It cannot; the first of its problems. */
    public record Refused(ConfigurationProblem problem) implements Parsed {}
}
