package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;

/**
 * An IPv4 or IPv6 address with a prefix length, as CIDR notation has it (RFC 4632, RFC 4291). Never resolves a name.
 */
public final class IpPrefix implements Comparable<IpPrefix> {
    private final byte[] address;
    private final int length;

    private IpPrefix(byte[] address, int length) {
        this.address = address;
        this.length = length;
    }

    /**
     * Of raw bytes.
     *
     * @param address 4 or 16 bytes, in network order
     * @param length prefix length in bits, 0 to 32 or 128
     */
    public static IpPrefix of(byte[] address, int length) {
        if (address.length != 4 && address.length != 16) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length);
        }
        if (length < 0 || length > address.length * 8) {
            throw new IllegalArgumentException("prefix length " + length + " is not in 0 to " + address.length * 8);
        }
        return new IpPrefix(address.clone(), length);
    }

    /**
     * Of text: {@code 10.0.0.0/8}, {@code fd00::1/64}, or a bare address, which stands for itself alone.
     *
     * @throws IllegalArgumentException naming the value and what would be right
     */
    @JsonCreator
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] bytes = literal(host, text);
        if (slash < 0) {
            return new IpPrefix(bytes, bytes.length * 8);
        }
        String digits = text.substring(slash + 1);
        if (!digits.matches("[0-9]{1,3}") || Integer.parseInt(digits) > bytes.length * 8) {
            throw new IllegalArgumentException(
                    "'" + text + "' has no prefix length from 0 to " + bytes.length * 8 + " behind the slash");
        }
        return new IpPrefix(bytes, Integer.parseInt(digits));
    }

    private static byte[] literal(String host, String text) {
        boolean v4 = host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
        boolean v6 = host.indexOf(':') >= 0 && host.matches("[0-9a-fA-F:.]{2,45}");
        if (!v4 && !v6) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no IPv4 or IPv6 address, with or without a prefix length");
        }
        try {
            return v4 ? InetAddress.getByName(host).getAddress() : v6(host);
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no IPv4 or IPv6 address, with or without a prefix length", e);
        }
    }

    /** The JDK turns an IPv4-mapped address into 4 bytes; here it stays what was written. */
    private static byte[] v6(String host) throws UnknownHostException {
        byte[] bytes = InetAddress.getByName("[" + host + "]").getAddress();
        if (bytes.length == 16) {
            return bytes;
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
    }

    /** The address, 4 or 16 bytes in network order. */
    public byte[] bytes() {
        return address.clone();
    }

    /** Prefix length in bits. */
    public int length() {
        return length;
    }

    /** True for IPv6. */
    public boolean v6() {
        return address.length == 16;
    }

    /** The network: the same prefix with its host bits zero. */
    public IpPrefix network() {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int bits = Math.clamp(length - i * 8L, 0, 8);
            masked[i] &= (byte) (0xff << (8 - bits));
        }
        return new IpPrefix(masked, length);
    }

    /** True where the address of the other one lies in this network. */
    public boolean contains(IpPrefix other) {
        return other.v6() == v6()
                && other.length >= length
                && network().equals(new IpPrefix(other.address, length).network());
    }

    /** The address without its prefix length. */
    public String host() {
        try {
            return v6() ? compressed() : InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are always an address", e);
        }
    }

    /** RFC 5952: lower case, no leading zeros, the longest run of at least two zero groups as {@code ::}. */
    private String compressed() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (address[2 * i] & 0xff) << 8 | address[2 * i + 1] & 0xff;
        }
        int start = -1;
        int longest = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > longest) {
                start = i;
                longest = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += longest - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /** CIDR notation; parses back to an equal value. */
    @Override
    @JsonValue
    public String toString() {
        return host() + "/" + length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpPrefix that && that.length == length && Arrays.equals(that.address, address);
    }

    @Override
    public int hashCode() {
        return Objects.hash(length, Arrays.hashCode(address));
    }

    /** IPv4 before IPv6, then by address, then by length. */
    @Override
    public int compareTo(IpPrefix other) {
        int family = Boolean.compare(v6(), other.v6());
        int bytes = family != 0 ? family : Arrays.compareUnsigned(address, other.address);
        return bytes != 0 ? bytes : Integer.compare(length, other.length);
    }
}
