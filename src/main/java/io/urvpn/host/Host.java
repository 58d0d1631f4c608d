package io.urvpn.host;

/** A node, as the agent sees it. */
public interface Host {
    /** Network interfaces and their addresses. */
    Links links();

    /** Routes of every table, IPv4 and IPv6. */
    Routes routes();

    /** Policy rules, IPv4 and IPv6. */
    Rules rules();

    /** Processes. */
    Processes processes();

    /** nftables. */
    PacketFilter packetFilter();

    /** IPsec policies and states. */
    Xfrm xfrm();

    /** Connections that are tracked. */
    Connections connections();

    /** Whether addresses answer. */
    Echoes echoes();

    /** WireGuard devices. */
    WireGuardDevices wireGuard();

    /** Files under the agent's own directories. */
    NodeFiles files();

    /** The machine: its boot id, what it can do, whom it reaches. */
    Machine machine();

    /**
     * Calls back after links, addresses, routes or rules have changed; several changes may come as one call, and a call
     * may come without one. After an overrun of the kernel's queue it is called too.
     *
     * @param onChange called on a thread of the watch's own; it returns at once
     * @return ends the watch when closed
     */
    Watch watch(Runnable onChange);

    /** A running watch. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
