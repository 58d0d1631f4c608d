package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an instance's nftables table does.
 *
 * @param masquerade what leaves by the interface takes its address
 * @param clampMss the segment size of TCP that is forwarded to the interface is cut to what the route takes
 * @param killSwitch packets to these networks, IPv4 or IPv6, leave the node by the interface or not at all. A network of
 *     length 0 holds the way to the tunnel's own peer too: that is for the caller to leave out
 * @param reqids for IPsec: packets that a state of one of these numbers takes are not stopped by the kill switch; 32 bits,
 *     unsigned
 */
public record FilterTable(boolean masquerade, boolean clampMss, Set<IpPrefix> killSwitch, Set<Long> reqids) {
    /** Masquerades and clamps. */
    public static final FilterTable MASQUERADING = new FilterTable(true, true, Set.of(), Set.of());

    private static final long MAX_REQID = 0xffffffffL;

    /** With copies of the sets, and networks without their host bits. */
    public FilterTable {
        killSwitch = killSwitch.stream().map(IpPrefix::network).collect(Collectors.toUnmodifiableSet());
        reqids = Set.copyOf(reqids);
        if (reqids.stream().anyMatch(reqid -> reqid < 1 || reqid > MAX_REQID)) {
            throw new IllegalArgumentException("a reqid is 1 to " + MAX_REQID + ": " + reqids);
        }
    }

    /** True where no table is needed. */
    public boolean nothing() {
        return !masquerade && !clampMss && killSwitch.isEmpty();
    }
}
