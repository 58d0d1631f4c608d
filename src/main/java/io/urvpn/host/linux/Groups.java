package io.urvpn.host.linux;

/** Multicast groups of NETLINK_ROUTE, as the bits with which a socket is bound (enum rtnetlink_groups of linux/rtnetlink.h). */
final class Groups {
    static final int LINK = 1;
    static final int ADDRESS = 1 << 4 | 1 << 8;
    static final int V4_ROUTE = 1 << 6;
    static final int V6_ROUTE = 1 << 10;
    static final int V4_RULE = 1 << 7;
    static final int V6_RULE = 1 << 18;
    static final int ALL = LINK | ADDRESS | V4_ROUTE | V6_ROUTE | V4_RULE | V6_RULE;

    private Groups() {}

    static int route(boolean v6) {
        return v6 ? V6_ROUTE : V4_ROUTE;
    }

    static int rule(boolean v6) {
        return v6 ? V6_RULE : V4_RULE;
    }
}
