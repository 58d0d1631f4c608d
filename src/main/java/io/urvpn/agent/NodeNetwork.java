package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.host.Host;
import io.urvpn.host.Link;
import io.urvpn.host.Route;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of the network a tunnel must not take from its own node: the tunnel's own peer, the API server, and the networks
 * that the node is in, its pods' among them. A route to one of them is refused; a default route leaves them out.
 */
final class NodeNetwork {
    private static final int UNICAST = 1;
    /** RTN_THROW of linux/rtnetlink.h: the next rule goes on, as if this table had no route. */
    private static final int THROW = 9;
    /** RT_TABLE_MAIN. */
    private static final int MAIN = 254;

    /** Multicast, broadcast, and IPv6's neighbour discovery, without which no link of the node works (RFC 5771, 919, 4861). */
    private static final Set<IpPrefix> LINK_LOCAL = Stream.of(
                    "224.0.0.0/4", "255.255.255.255/32", "fe80::/10", "ff00::/8")
            .map(IpPrefix::parse)
            .collect(Collectors.toUnmodifiableSet());

    private final Map<IpPrefix, String> taboo = new LinkedHashMap<>();
    private final Set<IpPrefix> networks = new TreeSet<>();

    /**
     * Of a node as it is now.
     *
     * @param server the API server's address as the agent has it
     * @param endpoints addresses of the tunnel's peers
     */
    NodeNetwork(Host host, Optional<InetSocketAddress> server, Collection<IpPrefix> endpoints) {
        endpoints.forEach(endpoint -> taboo.put(endpoint, "the tunnel's own peer"));
        server.map(InetSocketAddress::getAddress)
                .map(NodeNetwork::host)
                .ifPresent(address -> taboo.put(address, "the API server"));
        Map<Integer, String> links = host.links().list().stream()
                .filter(link -> !link.alias().startsWith("urvpn:"))
                .collect(Collectors.toMap(Link::index, Link::name));
        host.links().addresses().stream()
                .filter(address -> links.containsKey(address.linkIndex()))
                .forEach(address -> taboo.putIfAbsent(
                        IpPrefix.parse(address.address().host()),
                        "this node itself, on " + links.get(address.linkIndex())));
        host.routes().list().stream()
                .filter(route -> route.table() == MAIN
                        && route.type() == UNICAST
                        && route.destination().length() > 0
                        && route.linkIndex().stream().allMatch(links::containsKey))
                .forEach(route -> networks.add(route.destination()));
    }

    private static IpPrefix host(InetAddress address) {
        byte[] bytes = address.getAddress();
        return IpPrefix.of(bytes, bytes.length * 8);
    }

    /** Why a route of an attachment is not set, for people; empty where each may be. */
    Optional<String> refusal(VpnAttachmentSpec spec) {
        if (!steersTheNode(spec)) {
            return Optional.empty();
        }
        for (TunnelRoute route : routes(spec)) {
            IpPrefix destination = IpPrefix.parse(route.destination());
            Optional<Map.Entry<IpPrefix, String>> covered = destination.length() == 0
                    ? Optional.empty()
                    : taboo.entrySet().stream()
                            .filter(entry -> destination.contains(entry.getKey()))
                            .findFirst();
            if (covered.isPresent()) {
                return Optional.of("the route to " + destination + " covers "
                        + covered.get().getKey().host() + ", which is "
                        + covered.get().getValue()
                        + "; nothing is set. Take routes that leave it out, or give the instance rules that select"
                        + " other traffic than the node's own");
            }
        }
        return Optional.empty();
    }

    /** What a default route of an attachment leaves to the node's other tables. */
    List<Route> exclusions(VpnAttachmentSpec spec, Marks marks) {
        return excluded(spec).stream()
                .map(destination -> new Route(
                        marks.table(),
                        destination,
                        marks.protocol(),
                        destination.v6() ? DesiredNodeState.DEFAULT_V6_METRIC : 0,
                        OptionalInt.empty(),
                        THROW))
                .toList();
    }

    /**
     * What the kill switch of an attachment leaves alone: what its routes leave out, and with a default route what never goes
     * further than the node's own links.
     */
    Set<IpPrefix> spared(VpnAttachmentSpec spec) {
        Set<IpPrefix> spared = excluded(spec);
        Set<Boolean> families = defaultRoutes(spec);
        LINK_LOCAL.stream()
                .filter(destination -> families.contains(destination.v6()))
                .forEach(spared::add);
        spared.addAll(taboo.keySet());
        return spared;
    }

    private Set<IpPrefix> excluded(VpnAttachmentSpec spec) {
        Set<Boolean> families = defaultRoutes(spec);
        return Stream.concat(networks.stream(), taboo.keySet().stream())
                .filter(destination -> families.contains(destination.v6()))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Set<Boolean> defaultRoutes(VpnAttachmentSpec spec) {
        return routes(spec).stream()
                .map(route -> IpPrefix.parse(route.destination()))
                .filter(destination -> destination.length() == 0)
                .map(IpPrefix::v6)
                .collect(Collectors.toSet());
    }

    /** A rule by source is for what comes from there, and one by mark for what somebody marks. */
    private static boolean steersTheNode(VpnAttachmentSpec spec) {
        List<TunnelRule> rules = spec.rules() == null ? new ArrayList<>() : spec.rules();
        return rules.isEmpty() || rules.stream().anyMatch(rule -> rule.from() == null && rule.fwmark() == null);
    }

    private static List<TunnelRoute> routes(VpnAttachmentSpec spec) {
        return spec.routes() == null ? List.of() : spec.routes();
    }
}
