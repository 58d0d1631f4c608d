package io.urvpn.agent;

import io.urvpn.agent.TunnelView.Negotiated;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What one instance is to have on this node.
 *
 * @param alias of the interface
 * @param mtu of the interface in bytes
 * @param addresses of the interface
 * @param routes as they would be without an interface; see {@link #routesBy}
 * @param rules policy rules
 */
public record DesiredNodeState(String alias, int mtu, Set<IpPrefix> addresses, List<Route> routes, Set<Rule> rules) {

    private static final int UNICAST = 1;
    /** IPv6 has no route of metric 0: the kernel takes it as IP6_RT_PRIO_USER. */
    static final int DEFAULT_V6_METRIC = 1024;

    /**
     * What an attachment asks for.
     *
     * @param negotiated what holds where it says nothing
     * @param exclusions what a default route leaves out
     * @throws IllegalArgumentException where an address or network is none, naming it
     */
    public static DesiredNodeState of(
            VpnAttachmentSpec spec, Marks marks, Negotiated negotiated, List<Route> exclusions) {
        Set<Route> routes = new LinkedHashSet<>();
        list(spec.routes()).forEach(route -> routes.add(route(route, marks)));
        routes.addAll(exclusions);
        Set<IpPrefix> addresses = new LinkedHashSet<>();
        list(spec.addresses()).forEach(address -> addresses.add(IpPrefix.parse(address)));
        if (addresses.isEmpty()) {
            addresses.addAll(negotiated.addresses());
        }
        return new DesiredNodeState(
                marks.alias(),
                spec.mtu() == null ? negotiated.mtu() : spec.mtu(),
                addresses,
                List.copyOf(routes),
                rules(spec, marks));
    }

    /** The routes by an interface. */
    public List<Route> routesBy(int linkIndex) {
        return routes.stream()
                .map(route -> new Route(
                        route.table(),
                        route.destination(),
                        route.protocol(),
                        route.metric(),
                        route.type() == UNICAST ? OptionalInt.of(linkIndex) : OptionalInt.empty(),
                        route.type()))
                .toList();
    }

    private static Route route(TunnelRoute route, Marks marks) {
        IpPrefix destination = IpPrefix.parse(route.destination());
        int metric = route.metric() == null ? 0 : route.metric();
        return new Route(
                marks.table(),
                destination,
                marks.protocol(),
                destination.v6() && metric == 0 ? DEFAULT_V6_METRIC : metric,
                OptionalInt.empty(),
                UNICAST);
    }

    /** The policy rules that an attachment asks for; one for each family of its routes where it names none. */
    static Set<Rule> rules(VpnAttachmentSpec spec, Marks marks) {
        Set<Rule> rules = new LinkedHashSet<>();
        if (list(spec.rules()).isEmpty()) {
            list(spec.routes()).stream()
                    .map(route -> IpPrefix.parse(route.destination()).v6())
                    .sorted()
                    .forEach(v6 -> rules.add(rule(v6, marks, Optional.empty(), Optional.empty(), Optional.empty())));
            return rules;
        }
        for (TunnelRule wanted : spec.rules()) {
            Optional<IpPrefix> from = Optional.ofNullable(wanted.from()).map(IpPrefix::parse);
            Optional<IpPrefix> to = Optional.ofNullable(wanted.to()).map(IpPrefix::parse);
            families(from, to)
                    .forEach(v6 -> rules.add(rule(v6, marks, from, to, Optional.ofNullable(wanted.fwmark()))));
        }
        return rules;
    }

    /** A rule by mark alone is for both families. */
    private static List<Boolean> families(Optional<IpPrefix> from, Optional<IpPrefix> to) {
        List<Boolean> named = new ArrayList<>(Stream.concat(from.stream(), to.stream())
                .map(IpPrefix::v6)
                .distinct()
                .toList());
        return named.isEmpty() ? List.of(false, true) : named;
    }

    private static Rule rule(
            boolean v6, Marks marks, Optional<IpPrefix> from, Optional<IpPrefix> to, Optional<Long> fwmark) {
        return new Rule(v6, marks.table(), marks.table(), marks.protocol(), from, to, fwmark, "");
    }

    private static <T> List<T> list(List<T> list) {
        return list == null ? List.of() : list;
    }
}
