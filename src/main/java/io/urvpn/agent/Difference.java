package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Link;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is to be changed so that a node becomes what is desired; found without touching it.
 *
 * @param configureLink alias, MTU or the up flag differ
 * @param rulesToRemove our rules that are not desired
 * @param routesToRemove our routes that are not desired, or lead by another interface
 * @param addressesToRemove addresses that we added and that are not desired any more
 * @param addressesToAdd addresses that are missing
 * @param routesToAdd routes that are missing
 * @param rulesToAdd rules that are missing
 * @param conflicts what somebody else has where ours belongs, for people; where there is any, nothing is changed
 */
public record Difference(
        boolean configureLink,
        List<Rule> rulesToRemove,
        List<Route> routesToRemove,
        List<IpPrefix> addressesToRemove,
        List<IpPrefix> addressesToAdd,
        List<Route> routesToAdd,
        List<Rule> rulesToAdd,
        List<String> conflicts) {

    /**
     * Between what is desired and what was seen.
     *
     * @param link the instance's interface
     * @param added addresses that we added at any time
     */
    public static Difference between(
            DesiredNodeState desired, Observation seen, Link link, Marks marks, Collection<IpPrefix> added) {
        List<Route> routes = desired.routesBy(link.index());
        List<Route> ourRoutes = seen.routes().stream().filter(marks::owns).toList();
        List<Rule> ourRules = seen.rules().stream().filter(marks::owns).toList();
        List<Route> routesToAdd = without(routes, ourRoutes);
        List<Rule> rulesToAdd = without(desired.rules(), ourRules);
        return new Difference(
                !link.up() || link.mtu() != desired.mtu() || !link.alias().equals(desired.alias()),
                without(ourRules, desired.rules()),
                without(ourRoutes, routes),
                seen.addresses().stream()
                        .filter(address ->
                                added.contains(address) && !desired.addresses().contains(address))
                        .sorted()
                        .toList(),
                without(desired.addresses(), seen.addresses()),
                routesToAdd,
                rulesToAdd,
                conflicts(seen, marks, routesToAdd, rulesToAdd));
    }

    /** True where nothing is to be changed. */
    public boolean none() {
        return !configureLink && changes().isEmpty();
    }

    /** True where something is added that may lead the node's own traffic elsewhere. */
    public boolean steersTraffic() {
        return !routesToAdd.isEmpty() || !rulesToAdd.isEmpty() || !addressesToAdd.isEmpty();
    }

    /** Routes to remove for which the kernel would refuse one that is to come: same table, destination and metric. */
    public List<Route> routesInTheWay() {
        return routesToRemove.stream()
                .filter(route -> routesToAdd.stream()
                        .anyMatch(coming -> coming.table() == route.table()
                                && coming.destination().equals(route.destination())
                                && coming.metric() == route.metric()))
                .toList();
    }

    /** What is to be changed, a line each, for people. */
    public List<String> changes() {
        List<String> lines = new ArrayList<>();
        rulesToRemove.forEach(rule -> lines.add("removed " + Words.of(rule)));
        routesToRemove.forEach(route -> lines.add("removed " + Words.of(route)));
        addressesToRemove.forEach(address -> lines.add("removed address " + address));
        if (configureLink) {
            lines.add("configured the interface");
        }
        addressesToAdd.forEach(address -> lines.add("added address " + address));
        routesToAdd.forEach(route -> lines.add("added " + Words.of(route)));
        rulesToAdd.forEach(rule -> lines.add("added " + Words.of(rule)));
        return lines;
    }

    private static List<String> conflicts(
            Observation seen, Marks marks, List<Route> routesToAdd, List<Rule> rulesToAdd) {
        List<String> conflicts = new ArrayList<>();
        for (Route wanted : routesToAdd) {
            seen.routes().stream()
                    .filter(route -> !marks.owns(route))
                    .filter(route -> route.destination().network().equals(wanted.destination())
                            && route.metric() == wanted.metric())
                    .forEach(route -> conflicts.add(Words.of(route)));
        }
        Set<Rule> anonymous = new HashSet<>();
        rulesToAdd.forEach(rule -> anonymous.add(withoutProtocol(rule)));
        seen.rules().stream()
                .filter(rule -> !marks.owns(rule) && anonymous.contains(withoutProtocol(rule)))
                .forEach(rule -> conflicts.add(Words.of(rule)));
        return conflicts;
    }

    /** The kernel takes two rules for the same that differ in their protocol alone. */
    private static Rule withoutProtocol(Rule rule) {
        return new Rule(
                rule.v6(), rule.priority(), rule.table(), 0, rule.from(), rule.to(), rule.fwmark(), rule.others());
    }

    private static <T> List<T> without(Collection<T> all, Collection<T> some) {
        Set<T> gone = new HashSet<>(some);
        return all.stream().filter(one -> !gone.contains(one)).toList();
    }
}
