package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Link;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import java.util.List;
import java.util.Set;

/**
 * What one look at the node saw of one instance.
 *
 * @param link its interface
 * @param addresses of its interface
 * @param routes every route of its table, whoever set it
 * @param rules every rule of its table or priority, whoever set it
 */
public record Observation(Finding link, Set<IpPrefix> addresses, List<Route> routes, List<Rule> rules) {

    /** What stands under the interface's name. */
    public sealed interface Finding {
        /** Nothing. */
        record Absent() implements Finding {}

        /** The instance's interface. */
        record Ours(Link link) implements Finding {}

        /** Somebody else's interface. */
        record Foreign(Link link) implements Finding {}
    }
}
