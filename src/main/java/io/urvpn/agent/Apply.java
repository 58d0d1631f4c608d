package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Makes a difference true: what is missing comes first, exclusively, and what is ours and not wanted any more goes then, so
 * that traffic which an edit does not concern has a way at each moment. What was added is taken back where a later change
 * is refused, or where the API server cannot be reached any more.
 */
public final class Apply {
    private static final Logger LOG = Logger.getLogger(Apply.class);

    /** How an apply ended. */
    public sealed interface Outcome {
        /** All is done. */
        record Done() implements Outcome {}

        /** Something was refused; what had been added was taken back. */
        record Refused(String reason, String message) implements Outcome {}
    }

    private final Host host;
    private final ApiReach reach;

    public Apply(Host host, ApiReach reach) {
        this.host = host;
        this.reach = reach;
    }

    /** Applies a difference on the instance's interface. */
    public Outcome apply(Difference difference, DesiredNodeState desired, Link link) throws InterruptedException {
        Deque<Runnable> undo = new ArrayDeque<>();
        boolean reachedBefore = difference.steersTraffic() && reach.now();
        try {
            difference.routesInTheWay().forEach(host.routes()::delete);
            add(difference, desired, link, undo);
        } catch (HostException e) {
            takeBack(undo);
            return refused(e);
        }
        if (reachedBefore && !reached(undo)) {
            takeBack(undo);
            return new Outcome.Refused(
                    Reasons.APPLY_CUT_NODE,
                    "after " + Words.joined(difference.changes(), 512)
                            + " the node could not reach the API server any more; it was taken back. Change the"
                            + " instance's routes or rules so that they leave the API server's address out");
        }
        try {
            remove(difference, link);
        } catch (HostException e) {
            takeBack(undo);
            return refused(e);
        }
        return new Outcome.Done();
    }

    private static Outcome refused(HostException e) {
        return new Outcome.Refused(
                e.kind() == HostException.Kind.EXISTS ? Reasons.FOREIGN_CONFLICT : Reasons.APPLY_FAILED,
                e.getMessage());
    }

    /** An agent that is ended before it knows leaves nothing that may keep the next one from the API server. */
    private boolean reached(Deque<Runnable> undo) throws InterruptedException {
        try {
            return reach.within();
        } catch (InterruptedException e) {
            takeBack(undo);
            throw e;
        }
    }

    private void remove(Difference difference, Link link) {
        for (Rule rule : difference.rulesToRemove()) {
            host.rules().delete(rule);
        }
        List<Route> goneBefore = difference.routesInTheWay();
        difference.routesToRemove().stream()
                .filter(route -> !goneBefore.contains(route))
                .forEach(host.routes()::delete);
        for (IpPrefix address : difference.addressesToRemove()) {
            host.links().removeAddress(link.index(), address);
        }
    }

    private void add(Difference difference, DesiredNodeState desired, Link link, Deque<Runnable> undo) {
        if (difference.configureLink()) {
            host.links().configure(link.index(), desired.alias(), desired.mtu(), true);
        }
        for (IpPrefix address : difference.addressesToAdd()) {
            host.links().addAddress(link.index(), address);
            undo.push(() -> host.links().removeAddress(link.index(), address));
        }
        for (Route route : difference.routesToAdd()) {
            host.routes().add(route);
            undo.push(() -> host.routes().delete(route));
        }
        for (Rule rule : difference.rulesToAdd()) {
            host.rules().add(rule);
            undo.push(() -> host.rules().delete(rule));
        }
    }

    private static void takeBack(Deque<Runnable> undo) {
        for (Runnable step : undo) {
            try {
                step.run();
            } catch (HostException e) {
                LOG.warnf("taking back what was added was refused: %s", e.getMessage());
            }
        }
    }
}
