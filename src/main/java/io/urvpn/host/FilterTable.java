package io.urvpn.host;

/**
 * What an instance's nftables table does.
 *
 * @param masquerade what leaves by the interface takes its address
 * @param clampMss the segment size of TCP that is forwarded to the interface is cut to what the route takes
 * @param killSwitch what leaves the node by the interface or not at all. A network of length 0 holds the way to the tunnel's
 *     own peer too: that is for the caller to leave out
 */
public record FilterTable(boolean masquerade, boolean clampMss, KillSwitch killSwitch) {
    /** Masquerades and clamps. */
    public static final FilterTable MASQUERADING = new FilterTable(true, true, KillSwitch.NONE);

    /** Does nothing; no table is needed. */
    public static final FilterTable NONE = new FilterTable(false, false, KillSwitch.NONE);

    /** No kill switch is one that stops nothing. */
    public FilterTable {
        killSwitch = killSwitch == null ? KillSwitch.NONE : killSwitch;
    }

    /** True where no table is needed. */
    public boolean nothing() {
        return !masquerade && !clampMss && killSwitch.nothing();
    }
}
