package io.urvpn.operator;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * One network of an address pool. Its first address is given to nobody: it names the network, and in IPv6 every router of
 * the link answers to it (RFC 4291, 2.6.1). Neither is the last one in IPv4, which is the network's broadcast address.
 */
final class PoolNetwork {
    private final IpPrefix network;
    private final BigInteger first;
    private final BigInteger last;

    private PoolNetwork(IpPrefix network) {
        this.network = network;
        BigInteger base = number(network);
        int hostBits = network.bytes().length * 8 - network.length();
        BigInteger end = base.add(BigInteger.ONE.shiftLeft(hostBits)).subtract(BigInteger.ONE);
        this.first = base.add(BigInteger.ONE);
        this.last = network.v6() ? end : end.subtract(BigInteger.ONE);
    }

    /** Of CIDR notation; empty where the text is none. */
    static Optional<PoolNetwork> parse(String text) {
        try {
            return Optional.of(new PoolNetwork(IpPrefix.parse(text).network()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static BigInteger number(IpPrefix address) {
        return new BigInteger(1, address.bytes());
    }

    /** How many addresses it has to give. */
    BigInteger size() {
        return last.subtract(first).add(BigInteger.ONE).max(BigInteger.ZERO);
    }

    /** True where this is one of the addresses that it has to give, whatever its prefix length. */
    boolean gives(IpPrefix address) {
        BigInteger number = number(address);
        return address.v6() == network.v6() && number.compareTo(first) >= 0 && number.compareTo(last) <= 0;
    }

    /** Its lowest address that is not among these, as a host's; empty where it has none left. */
    Optional<IpPrefix> lowestWithout(Set<IpPrefix> taken) {
        for (BigInteger each = first; each.compareTo(last) <= 0; each = each.add(BigInteger.ONE)) {
            IpPrefix address = address(each);
            if (!taken.contains(address)) {
                return Optional.of(address);
            }
        }
        return Optional.empty();
    }

    private IpPrefix address(BigInteger number) {
        int length = network.bytes().length;
        byte[] digits = number.toByteArray();
        byte[] bytes = new byte[length];
        int from = Math.max(0, digits.length - length);
        byte[] low = Arrays.copyOfRange(digits, from, digits.length);
        System.arraycopy(low, 0, bytes, length - low.length, low.length);
        return IpPrefix.of(bytes, length * 8);
    }

    @Override
    public String toString() {
        return network.toString();
    }
}
