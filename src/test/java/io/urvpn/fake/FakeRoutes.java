package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Route;
import io.urvpn.host.Routes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/** Routes in memory; they go with their link. */
final class FakeRoutes implements Routes {
    private static final int UNICAST = 1;
    private static final int V6_DEFAULT_METRIC = 1024;

    private final FakeHost node;
    private final List<Route> routes = new ArrayList<>();

    FakeRoutes(FakeHost node) {
        this.node = node;
    }

    Route parse(Words words) {
        int table = words.number();
        IpPrefix destination = IpPrefix.parse(words.next());
        int protocol = 200;
        int metric = 0;
        int type = UNICAST;
        OptionalInt link = OptionalInt.empty();
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "dev" -> link = OptionalInt.of(node.links.index(words.next()));
                case "proto" -> protocol = words.number();
                case "metric" -> metric = words.number();
                case "type" -> type = words.number();
                default -> throw words.unknown(word);
            }
        }
        return new Route(table, destination, protocol, metric, link, type);
    }

    void put(Route route) {
        routes.add(asKernel(route));
    }

    void take(Route route) {
        routes.remove(asKernel(route));
    }

    void linkGone(int index) {
        routes.removeIf(
                route -> route.linkIndex().isPresent() && route.linkIndex().getAsInt() == index);
    }

    void clear() {
        routes.clear();
    }

    /** An IPv6 route without a metric has 1024. */
    private static Route asKernel(Route route) {
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

    List<String> render() {
        return routes.stream()
                .sorted(Comparator.comparingInt(Route::table)
                        .thenComparing(Route::destination)
                        .thenComparingInt(Route::metric)
                        .thenComparingInt(Route::protocol))
                .map(route -> "route " + render(route))
                .toList();
    }

    private String render(Route route) {
        int usual = route.destination().v6() ? V6_DEFAULT_METRIC : 0;
        return route.table() + " " + route.destination()
                + (route.linkIndex().isEmpty()
                        ? ""
                        : " dev " + node.links.name(route.linkIndex().getAsInt()))
                + " proto " + route.protocol()
                + (route.metric() == usual ? "" : " metric " + route.metric())
                + (route.type() == UNICAST ? "" : " type " + route.type());
    }

    @Override
    public List<Route> list() {
        synchronized (node) {
            node.reading("routes list");
            return List.copyOf(routes);
        }
    }

    @Override
    public void add(Route wanted) {
        synchronized (node) {
            Route route = asKernel(wanted);
            String text = "route add " + render(route);
            node.acting(text);
            route.linkIndex().ifPresent(index -> {
                if (!node.links.has(index)) {
                    throw new HostException(HostException.Kind.UNSUPPORTED, text + ": ENODEV");
                }
            });
            if (routes.stream().anyMatch(other -> sameKey(other, route))) {
                throw new HostException(HostException.Kind.EXISTS, text + ": EEXIST");
            }
            routes.add(route);
            node.changed(new Change.Network());
        }
    }

    private static boolean sameKey(Route one, Route other) {
        return one.table() == other.table()
                && one.destination().equals(other.destination())
                && one.metric() == other.metric();
    }

    @Override
    public boolean delete(Route wanted) {
        synchronized (node) {
            Route route = asKernel(wanted);
            node.acting("route del " + render(route));
            boolean there = routes.removeIf(other -> sameKey(other, route) && other.protocol() == route.protocol());
            if (there) {
                node.changed(new Change.Network());
            }
            return there;
        }
    }
}
