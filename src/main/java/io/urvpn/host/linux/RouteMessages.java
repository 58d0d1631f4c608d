package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Route;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Routes as rtnetlink(7) has them (linux/rtnetlink.h). */
public final class RouteMessages {
    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int HEADER = 12;
    private static final int RTA_DST = 1;
    private static final int RTA_SRC = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_TABLE = 15;
    private static final int RTA_VIA = 18;
    private static final int RTA_NH_ID = 30;
    private static final int RTM_F_CLONED = 0x200;
    private static final int RTN_UNICAST = 1;
    /** RTN_BLACKHOLE, UNREACHABLE, PROHIBIT and THROW lead nowhere; of IPv6 the kernel says that they leave by its loopback. */
    private static final Set<Integer> NOWHERE = Set.of(6, 7, 8, 9);

    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    /** What the kernel gives an IPv6 route that is added without a metric (IP6_RT_PRIO_USER). */
    private static final int V6_DEFAULT_METRIC = 1024;
    /** Attributes that tell a route from its neighbours in a table; a nexthop object excludes the others' nexthops. */
    private static final Set<Integer> IDENTITY =
            Set.of(RTA_DST, RTA_SRC, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_MULTIPATH, RTA_TABLE, RTA_VIA, RTA_NH_ID);

    private static final Set<Integer> IDENTITY_BY_NEXTHOP_OBJECT =
            Set.of(RTA_DST, RTA_SRC, RTA_PRIORITY, RTA_TABLE, RTA_NH_ID);

    private RouteMessages() {}

    static int family(boolean v6) {
        return v6 ? AF_INET6 : AF_INET;
    }

    /** All tables of a family. */
    static NetlinkRequest dump(boolean v6) {
        return header(new NetlinkRequest(RTM_GETROUTE, NetlinkMessage.F_DUMP), family(v6), 0, 0, 0, 0);
    }

    /** One table of a family, where the kernel filters; others come too where it does not. */
    static NetlinkRequest dump(boolean v6, int table) {
        return dump(v6).attributeU32(RTA_TABLE, table);
    }

    /** A route; empty where the message is something else, of another family, or a cached clone. */
    public static Optional<Route> route(NetlinkMessage message, boolean v6) {
        ByteBuffer payload = message.payload();
        boolean wanted = message.type() == RTM_NEWROUTE
                && payload.get(0) == family(v6)
                && (payload.getInt(8) & RTM_F_CLONED) == 0;
        if (!wanted) {
            return Optional.empty();
        }
        Attributes attributes = Attributes.parse(payload, HEADER);
        byte[] destination = attributes.bytes(RTA_DST).orElseGet(() -> new byte[v6 ? 16 : 4]);
        int type = Byte.toUnsignedInt(payload.get(7));
        boolean single = attributes.find(RTA_MULTIPATH).isEmpty() && !NOWHERE.contains(type);
        OptionalInt link = single ? attributes.i32(RTA_OIF) : OptionalInt.empty();
        return Optional.of(new Route(
                attributes.i32(RTA_TABLE).orElse(Byte.toUnsignedInt(payload.get(4))),
                IpPrefix.of(destination, Byte.toUnsignedInt(payload.get(1))),
                Byte.toUnsignedInt(payload.get(5)),
                attributes.i32(RTA_PRIORITY).orElse(0),
                link,
                type));
    }

    static NetlinkRequest add(Route route) {
        int flags = NetlinkMessage.F_ACK | NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL;
        int scope = route.type() == RTN_UNICAST ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
        IpPrefix destination = route.destination();
        NetlinkRequest request = header(
                new NetlinkRequest(RTM_NEWROUTE, flags),
                family(destination.v6()),
                destination.length(),
                route.protocol(),
                scope,
                route.type());
        if (destination.length() > 0) {
            request.attribute(RTA_DST, destination.bytes());
        }
        request.attributeU32(RTA_TABLE, route.table()).attributeU32(RTA_PRIORITY, route.metric());
        route.linkIndex().ifPresent(index -> request.attributeU32(RTA_OIF, index));
        return request;
    }

    /**
     * Removes a route that was dumped: by all that the kernel compares, so that no neighbour is taken in its place.
     */
    static NetlinkRequest delete(NetlinkMessage dumped) {
        ByteBuffer payload = dumped.payload();
        NetlinkRequest request = new NetlinkRequest(RTM_DELROUTE, NetlinkMessage.F_ACK);
        for (int i = 0; i < 8; i++) {
            request.u8(payload.get(i));
        }
        request.u32(0);
        Attributes attributes = Attributes.parse(payload, HEADER);
        Set<Integer> identity = attributes.find(RTA_NH_ID).isPresent() ? IDENTITY_BY_NEXTHOP_OBJECT : IDENTITY;
        attributes.all().stream()
                .filter(attribute -> identity.contains(attribute.type()))
                .forEach(attribute -> request.attribute(attribute.type(), attribute.bytes()));
        return request;
    }

    /** The route as the kernel keeps it. */
    static Route asKept(Route route) {
        if (!route.destination().v6() || route.metric() != 0) {
            return route;
        }
        return new Route(
                route.table(),
                route.destination(),
                route.protocol(),
                V6_DEFAULT_METRIC,
                route.linkIndex(),
                route.type());
    }

    /** struct rtmsg. */
    private static NetlinkRequest header(
            NetlinkRequest request, int family, int length, int protocol, int scope, int type) {
        return request.u8(family, length, 0, 0, 0, protocol, scope, type).u32(0);
    }
}
