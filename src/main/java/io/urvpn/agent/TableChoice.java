package io.urvpn.agent;

import io.urvpn.host.Route;
import io.urvpn.host.Rule;
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
     */
    public static OptionalInt firstFree(int first, int last, Set<Integer> held, List<Route> routes, List<Rule> rules) {
        Set<Integer> used = new HashSet<>(held);
        routes.forEach(route -> used.add(route.table()));
        rules.forEach(rule -> used.add(rule.table()));
        for (int table = first; table <= last; table++) {
            if (!used.contains(table)) {
                return OptionalInt.of(table);
            }
        }
        return OptionalInt.empty();
    }
}
