package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.notify.EventReason;
import io.urvpn.notify.Occurrence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What one status of an operation has that the stored one before it has not, summed up over the nodes. Pure: what is on
 * record is not told again after a restart.
 */
public final class CleanupEvents {
    private static final int SHOWN = 3;

    private final VpnCleanup cleanup;
    private final Optional<VpnCleanupStatus> before;
    private final VpnCleanupStatus after;
    private final List<Occurrence> all = new ArrayList<>();

    private CleanupEvents(VpnCleanup cleanup, VpnCleanupStatus before, VpnCleanupStatus after) {
        this.cleanup = cleanup;
        this.before = Optional.ofNullable(before).filter(status -> status.phase() != null);
        this.after = after;
    }

    /** @param before what was stored; {@code null} where nothing was */
    public static List<Occurrence> between(VpnCleanup cleanup, VpnCleanupStatus before, VpnCleanupStatus after) {
        CleanupEvents events = new CleanupEvents(cleanup, before, after);
        events.started();
        events.interventions();
        events.nodes(EventReason.NODE_AWAITED, CleanupEvents::away, NodeCleanup::pendingMessage);
        events.nodes(
                EventReason.CLEANUP_FAILED,
                node -> CleanupStatusAggregator.failed(cleanup, node),
                node -> NodeEntry.found(node.verdict()));
        events.ended();
        events.undelivered();
        return events.all;
    }

    private void started() {
        if (before.isEmpty()) {
            String what = cleanup.getSpec().operation() == null
                    ? "operation"
                    : cleanup.getSpec().operation().name();
            add(
                    EventReason.CLEANUP_STARTED,
                    what + " on " + after.counts().total() + " nodes; see: kubectl describe vpncleanup "
                            + cleanup.getMetadata().getName());
        }
    }

    private void interventions() {
        Set<Intervention> known =
                new HashSet<>(before.map(VpnCleanupStatus::interventions).orElse(List.of()));
        Optional.ofNullable(after.interventions()).orElse(List.of()).stream()
                .filter(one -> !known.contains(one))
                .forEach(one -> add(
                        EventReason.INTERVENTION,
                        one.actor() + ": " + one.kind()
                                + (one.component() == null ? "" : " of " + one.component())
                                + (one.node() == null ? "" : " on node " + one.node())
                                + ": " + one.reason()));
    }

    private static boolean away(NodeCleanup node) {
        return node.outcome() == null && CleanupStatusAggregator.AWAY.contains(String.valueOf(node.pendingReason()));
    }

    /** One for all nodes that are so newly. */
    private void nodes(EventReason reason, Predicate<NodeCleanup> are, Function<NodeCleanup, String> words) {
        Set<String> were = before.map(VpnCleanupStatus::nodes).orElse(List.of()).stream()
                .filter(are)
                .map(NodeCleanup::node)
                .collect(Collectors.toSet());
        List<NodeCleanup> newly = after.nodes().stream()
                .filter(are)
                .filter(node -> !were.contains(node.node()))
                .toList();
        if (!newly.isEmpty()) {
            add(
                    reason,
                    newly.stream()
                                    .limit(SHOWN)
                                    .map(node -> "node " + node.node() + ": "
                                            + Optional.ofNullable(words.apply(node))
                                                    .orElse(node.pendingReason()))
                                    .map(text -> Conditions.cut(text, 280))
                                    .collect(Collectors.joining("; "))
                            + (newly.size() > SHOWN ? "; and " + (newly.size() - SHOWN) + " more nodes" : "")
                            + Advice.of(cleanup, newly.getFirst()));
        }
    }

    private void ended() {
        boolean allRead = allRead(after);
        boolean same = before.filter(status -> status.phase() == after.phase() && allRead(status) == allRead)
                .isPresent();
        if (same) {
            return;
        }
        if (after.phase() == OperationPhase.DEBT_OPEN) {
            if (!isDebt()) {
                add(EventReason.DEBT_OPENED, after.message());
            }
        } else if (after.phase() == OperationPhase.COMPLETED && isDebt()) {
            add(EventReason.DEBT_SETTLED, after.message());
        } else if (after.phase() == OperationPhase.COMPLETED) {
            add(allRead ? EventReason.CLEANUP_VERIFIED : EventReason.CLEANUP_NOT_READ, after.message());
        }
    }

    /** Once for all messages that wait for the same connection. */
    private void undelivered() {
        if (before.flatMap(CleanupEvents::undelivered).isEmpty()) {
            undelivered(after)
                    .ifPresent(why -> all.add(new Occurrence(
                            EventReason.MESSAGE_UNDELIVERED,
                            References.of(cleanup),
                            Optional.empty(),
                            why + "; it is tried again by itself")));
        }
    }

    /** The same of a cleanup that is over, of which only its messages change. */
    static List<Occurrence> ofMessages(VpnCleanup cleanup, VpnCleanupStatus after) {
        CleanupEvents events = new CleanupEvents(cleanup, cleanup.getStatus(), after);
        events.undelivered();
        return events.all;
    }

    private static Optional<String> undelivered(VpnCleanupStatus status) {
        return Optional.ofNullable(status.deliveries()).orElse(List.of()).stream()
                .map(VpnCleanupStatus.Delivery::lastError)
                .filter(error -> error != null)
                .findFirst();
    }

    private static boolean allRead(VpnCleanupStatus status) {
        return Optional.ofNullable(status.nodes()).orElse(List.of()).stream().allMatch(CleanupStatusAggregator::read);
    }

    private boolean isDebt() {
        return before.filter(status -> status.phase() == OperationPhase.DEBT_OPEN)
                .isPresent();
    }

    private void add(EventReason reason, String note) {
        // an instance that was let go is looked up by nobody any more
        boolean gone = cleanup.getSpec().operation() == Operation.INSTANCE_VANISHED
                || (isDebt() && cleanup.getSpec().operation() != Operation.SUSPEND);
        ObjectReference own = References.of(cleanup);
        all.add(
                gone
                        ? new Occurrence(reason, own, Optional.empty(), note)
                        : new Occurrence(reason, References.of(cleanup.getSpec().instance()), Optional.of(own), note));
    }
}
