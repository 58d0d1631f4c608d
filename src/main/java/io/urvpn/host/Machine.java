package io.urvpn.host;

import java.net.InetSocketAddress;
import java.time.Duration;

/** The machine. */
public interface Machine {
    /** Boot id of the node (of its init's /proc, since a container's own shows the machine's). */
    String bootId();

    /** What the node can do. */
    Capabilities capabilities();

    /** Opens a new TCP connection and closes it; false where that fails or takes longer. */
    boolean reaches(InetSocketAddress address, Duration timeout);

    /**
     * What a node can do.
     *
     * @param kernelWireGuard the kernel has WireGuard, or its module is there
     * @param tun there is a /dev/net/tun
     * @param xfrm the kernel has XFRM
     * @param nftables the kernel has nftables
     */
    record Capabilities(boolean kernelWireGuard, boolean tun, boolean xfrm, boolean nftables) {}
}
