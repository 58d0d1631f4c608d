package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Addresses of one family as ranges that neither overlap nor touch, in their order: the one form in which two sets of
 * networks are equal where they hold the same addresses, and which nftables keeps as it was given.
 */
record AddressRanges(List<Range> ranges) {
    private static final int V4_BITS = 32;
    private static final int V6_BITS = 128;

    /** From the first to the last address, both in it. */
    record Range(boolean v6, BigInteger first, BigInteger last) {
        static Range of(IpPrefix prefix) {
            IpPrefix network = prefix.network();
            BigInteger first = new BigInteger(1, network.bytes());
            int hostBits = (network.v6() ? V6_BITS : V4_BITS) - network.length();
            return new Range(
                    network.v6(),
                    first,
                    first.add(BigInteger.ONE.shiftLeft(hostBits)).subtract(BigInteger.ONE));
        }

        /** From one address to another. */
        static Range of(IpPrefix first, IpPrefix last) {
            return new Range(first.v6(), new BigInteger(1, first.bytes()), new BigInteger(1, last.bytes()));
        }

        /** As nft takes it. */
        @Override
        public String toString() {
            return text(first) + "-" + text(last);
        }

        private String text(BigInteger address) {
            byte[] bytes = new byte[v6 ? V6_BITS / 8 : V4_BITS / 8];
            byte[] number = address.toByteArray();
            int length = Math.min(number.length, bytes.length);
            System.arraycopy(number, number.length - length, bytes, bytes.length - length, length);
            return IpPrefix.of(bytes, bytes.length * 8).host();
        }
    }

    /** All the addresses of these. */
    static AddressRanges of(Collection<Range> any) {
        List<Range> merged = new ArrayList<>();
        for (Range next :
                any.stream().sorted(Comparator.comparing(Range::first)).toList()) {
            boolean touches = !merged.isEmpty()
                    && next.first().compareTo(merged.getLast().last().add(BigInteger.ONE)) <= 0;
            if (touches) {
                Range before = merged.removeLast();
                merged.add(new Range(before.v6(), before.first(), before.last().max(next.last())));
            } else {
                merged.add(next);
            }
        }
        return new AddressRanges(merged);
    }

    /** Those addresses that are not of the others too. */
    AddressRanges without(AddressRanges others) {
        List<Range> left = ranges;
        for (Range gone : others.ranges()) {
            left = left.stream().flatMap(range -> without(range, gone).stream()).toList();
        }
        return new AddressRanges(left);
    }

    private static List<Range> without(Range range, Range gone) {
        if (gone.last().compareTo(range.first()) < 0 || gone.first().compareTo(range.last()) > 0) {
            return List.of(range);
        }
        List<Range> left = new ArrayList<>();
        if (gone.first().compareTo(range.first()) > 0) {
            left.add(new Range(range.v6(), range.first(), gone.first().subtract(BigInteger.ONE)));
        }
        if (gone.last().compareTo(range.last()) < 0) {
            left.add(new Range(range.v6(), gone.last().add(BigInteger.ONE), range.last()));
        }
        return left;
    }

    boolean empty() {
        return ranges.isEmpty();
    }
}
