package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.Route;
import io.urvpn.host.Routes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Routes over netlink. */
public final class LinuxRoutes implements Routes {
    private static final boolean V4 = false;
    private static final boolean V6 = true;

    private final Netlink netlink;

    /** Over a conversation of NETLINK_ROUTE. */
    public LinuxRoutes(Netlink netlink) {
        this.netlink = netlink;
    }

    @Override
    public List<Route> list() {
        List<Route> routes = new ArrayList<>();
        for (boolean v6 : new boolean[] {V4, V6}) {
            dump(v6, RouteMessages.dump(v6))
                    .forEach(message -> RouteMessages.route(message, v6).ifPresent(routes::add));
        }
        return routes;
    }

    /** A node without IPv6 has no IPv6 routes. */
    private List<NetlinkMessage> dump(boolean v6, NetlinkRequest request) {
        try {
            return netlink.dump(v6 ? "IPv6 routes" : "IPv4 routes", request, Groups.route(v6));
        } catch (HostException e) {
            if (v6 && e.kind() == HostException.Kind.UNSUPPORTED) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public void add(Route wanted) {
        Route route = RouteMessages.asKept(wanted);
        try {
            netlink.change(RouteMessages.add(route));
        } catch (ErrnoException e) {
            throw Errno.refusal("add route " + text(route), e);
        }
    }

    /**
     * The kernel compares only what a request names, and an IPv4 metric of 0 cannot be named: it would take the first route
     * whatever its metric. So the table is read first, and what stands there is named as it stands there.
     */
    @Override
    public boolean delete(Route wanted) {
        Route route = RouteMessages.asKept(wanted);
        boolean removed = false;
        for (NetlinkMessage standing : inTable(route)) {
            if (RouteMessages.route(standing, route.destination().v6())
                    .filter(each -> same(each, route))
                    .isPresent()) {
                removed |= delete(standing, route);
            }
        }
        return removed;
    }

    private boolean delete(NetlinkMessage standing, Route route) {
        try {
            netlink.change(RouteMessages.delete(standing));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ESRCH) {
                return false;
            }
            throw Errno.refusal("delete route " + text(route), e);
        }
    }

    /** The routes of its table; none where there is no such table. */
    private List<NetlinkMessage> inTable(Route route) {
        boolean v6 = route.destination().v6();
        try {
            return dump(v6, RouteMessages.dump(v6, route.table()));
        } catch (HostException e) {
            if (e.getCause() instanceof ErrnoException errno && errno.errno() == Errno.ENOENT) {
                return List.of();
            }
            throw e;
        }
    }

    private static boolean same(Route one, Route other) {
        return one.table() == other.table()
                && one.destination().equals(other.destination())
                && one.protocol() == other.protocol()
                && one.metric() == other.metric();
    }

    private static String text(Route route) {
        Optional<Integer> link = route.linkIndex().stream().boxed().findFirst();
        return route.destination() + link.map(index -> " through link " + index).orElse("") + " table " + route.table()
                + " protocol " + route.protocol() + " metric " + route.metric();
    }
}
