package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.Detachment;
import io.urvpn.notify.EventReason;
import io.urvpn.notify.Occurrence;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one status of an instance has that the stored one before it has not. Pure: what is on record is not told again after
 * a restart.
 */
public final class InstanceEvents {
    private static final int SHOWN = 5;

    private InstanceEvents() {}

    /** @param before what was stored; {@code null} where nothing was */
    public static List<Occurrence> between(VpnInstance instance, VpnInstanceStatus before, VpnInstanceStatus after) {
        List<Occurrence> all = new ArrayList<>();
        Optional<Condition> ready = condition(after, Reasons.READY);
        boolean isUp = is(ready, "True") && Reasons.UP.equals(ready.get().getReason());
        boolean wasUp = condition(before, Reasons.READY)
                .filter(told -> "True".equals(told.getStatus()) && Reasons.UP.equals(told.getReason()))
                .isPresent();
        if (isUp && !wasUp) {
            all.add(occurrence(instance, EventReason.TUNNEL_UP, ready.get().getMessage()));
        }
        if (wasUp && is(ready, "False")) {
            all.add(occurrence(instance, EventReason.TUNNEL_DOWN, text(ready.get())));
        }
        condition(after, Reasons.STALLED)
                .filter(stalled -> "True".equals(stalled.getStatus()) && isNew(stalled, before))
                .ifPresent(stalled -> all.add(occurrence(instance, EventReason.STALLED, text(stalled))));
        condition(after, Reasons.RECONCILING)
                .filter(rolling -> Reasons.ROLL_STOPPED.equals(rolling.getReason()) && isNew(rolling, before))
                .ifPresent(rolling -> all.add(occurrence(instance, EventReason.ROLL_STOPPED, rolling.getMessage())));
        List<Detachment> detached = detached(before, after);
        if (!detached.isEmpty()) {
            all.add(occurrence(instance, EventReason.NODE_DETACHED, words(detached)));
        }
        return all;
    }

    private static Optional<Condition> condition(VpnInstanceStatus status, String type) {
        return status == null ? Optional.empty() : Conditions.of(status.conditions(), type);
    }

    private static boolean is(Optional<Condition> condition, String status) {
        return condition.filter(told -> status.equals(told.getStatus())).isPresent();
    }

    /** Another node with the same trouble is none. */
    private static boolean isNew(Condition condition, VpnInstanceStatus before) {
        return condition(before, condition.getType())
                .filter(told -> Objects.equals(told.getStatus(), condition.getStatus())
                        && Objects.equals(told.getReason(), condition.getReason()))
                .isEmpty();
    }

    private static String text(Condition condition) {
        return condition.getReason() + ": " + condition.getMessage();
    }

    private static List<Detachment> detached(VpnInstanceStatus before, VpnInstanceStatus after) {
        Set<String> known =
                recent(before).stream().map(Detachment::attachmentUid).collect(Collectors.toSet());
        return recent(after).stream()
                .filter(one -> !known.contains(one.attachmentUid()))
                .toList();
    }

    private static List<Detachment> recent(VpnInstanceStatus status) {
        return status == null || status.recentDetachments() == null ? List.of() : status.recentDetachments();
    }

    private static String words(List<Detachment> detached) {
        return detached.stream()
                        .limit(SHOWN)
                        .map(one -> "node " + one.node() + " (" + outcome(one.outcome()) + ": " + one.reason() + ")")
                        .collect(Collectors.joining(", "))
                + (detached.size() > SHOWN ? " and " + (detached.size() - SHOWN) + " more" : "");
    }

    private static String outcome(Outcome outcome) {
        return CleanupStatusAggregator.outcomeName(outcome);
    }

    private static Occurrence occurrence(VpnInstance instance, EventReason reason, String note) {
        return new Occurrence(reason, References.of(instance), Optional.empty(), note);
    }
}
