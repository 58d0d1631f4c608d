package io.urvpn.agent;

import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import io.urvpn.host.Xfrm;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Which routing table an instance gets. */
public final class TableChoice {
    private TableChoice() {}

    /**
     * The first table of the range that nobody uses.
     *
     * @param held tables that the registry has given out
     * @param routes every route of the node; one of a table uses it, whoever set it
     * @param rules every rule of the node; one that looks a table up uses it, whoever set it
     * @param xfrm every policy and state of the kernel's IPsec; one whose marks would be those of an instance with that table
     *     uses it
     */
    public static OptionalInt firstFree(
            int first, int last, Set<Integer> held, List<Route> routes, List<Rule> rules, Xfrm xfrm) {
        Set<Integer> used = new HashSet<>(held);
        routes.forEach(route -> used.add(route.table()));
        rules.forEach(rule -> used.add(rule.table()));
        Set<Long> marked = new HashSet<>();
        xfrm.policies().forEach(policy -> marked.addAll(Marks.tables(policy)));
        xfrm.states().forEach(state -> marked.addAll(Marks.tables(state)));
        for (int table = first; table <= last; table++) {
            if (!used.contains(table) && !marked.contains((long) table)) {
                return OptionalInt.of(table);
            }
        }
        return OptionalInt.empty();
    }
}
