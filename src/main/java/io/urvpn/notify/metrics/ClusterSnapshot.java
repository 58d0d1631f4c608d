package io.urvpn.notify.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.api.v1alpha1.VpnType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The cluster as its operator knows it at the moment of a scrape. Of what this version does not know the label is Unknown. */
final class ClusterSnapshot {
    private static final String UNKNOWN = "Unknown";
    private static final double MILLIS = 1000;

    private ClusterSnapshot() {}

    /** Only the leader tells of the cluster. */
    static void take(ClusterView view, Snapshot into) {
        boolean leads = view.leads();
        into.set(Metric.LEADER, leads ? 1 : 0);
        if (leads) {
            view.instances()
                    .forEach(instance -> into.add(
                            Metric.INSTANCES, 1, type(instance.getSpec().type()), state(instance)));
            view.attachments().forEach(attachment -> attachment(attachment, into));
            into.set(Metric.DEBTS, 0);
            into.set(Metric.MESSAGES, 0);
            view.cleanups().forEach(cleanup -> cleanup(cleanup, into));
            view.nodes().forEach(node -> node(node, into));
        }
    }

    private static String state(VpnInstance instance) {
        if (instance.isMarkedForDeletion()) {
            return "Deleting";
        }
        if (Boolean.TRUE.equals(instance.getSpec().suspend())) {
            return "Suspended";
        }
        return instance.getStatus() != null && ready(instance.getStatus().conditions()) ? "Ready" : "NotReady";
    }

    private static void attachment(VpnAttachment attachment, Snapshot into) {
        if (attachment.getSpec().desired() == DesiredState.ATTACHED) {
            String name = attachment.getSpec().instance().name();
            String type = type(attachment.getSpec().type());
            boolean ready = attachment.getStatus() != null
                    && ready(attachment.getStatus().conditions());
            into.add(Metric.INSTANCE_ATTACHMENTS, ready ? 1 : 0, name, type, "true");
            into.add(Metric.INSTANCE_ATTACHMENTS, ready ? 0 : 1, name, type, "false");
        }
    }

    private static void cleanup(VpnCleanup cleanup, Snapshot into) {
        VpnCleanupStatus status = cleanup.getStatus();
        // without a status it has not been looked at yet
        OperationPhase phase = status == null || status.phase() == null ? OperationPhase.IN_PROGRESS : status.phase();
        into.add(Metric.OPERATIONS, 1, operation(cleanup.getSpec().operation()), phase.name());
        // an operation that has ended may still owe what it ended with
        Optional.ofNullable(status).map(VpnCleanupStatus::deliveries).orElse(List.of()).stream()
                .filter(delivery -> delivery.state() == DeliveryState.PENDING)
                .forEach(delivery -> owed(delivery, into));
        if (phase == OperationPhase.COMPLETED) {
            return;
        }
        Instant began =
                status == null || status.startedAt() == null ? cleanup.getSpec().requestedAt() : status.startedAt();
        into.least(
                Metric.OPERATIONS_OLDEST,
                seconds(began),
                operation(cleanup.getSpec().operation()),
                phase.name());
        for (NodeCleanup node :
                Optional.ofNullable(status).map(VpnCleanupStatus::nodes).orElse(List.of())) {
            node(node, into);
        }
    }

    private static void owed(Delivery delivery, Snapshot into) {
        into.add(Metric.MESSAGES, 1);
        if (delivery.recordedAt() != null) {
            into.least(Metric.MESSAGES_OLDEST, seconds(delivery.recordedAt()));
        }
    }

    private static void node(NodeCleanup node, Snapshot into) {
        if (node.outcome() == Outcome.RELEASED) {
            into.add(Metric.DEBTS, 1);
            if (node.endedAt() != null) {
                into.least(Metric.DEBTS_OLDEST, seconds(node.endedAt()));
            }
        } else if (node.outcome() == null) {
            into.add(
                    Metric.PENDING_NODES,
                    1,
                    Optional.ofNullable(node.pendingReason()).orElse(UNKNOWN));
        }
    }

    private static void node(VpnNode node, Snapshot into) {
        Sweep sweep = node.getStatus() == null ? null : node.getStatus().sweep();
        if (sweep != null) {
            String name = node.getMetadata().getName();
            if (sweep.nextRunAt() != null) {
                into.set(Metric.NODE_SWEEP_DUE, seconds(sweep.nextRunAt()), name);
            }
            into.set(Metric.NODE_SWEEP_INCOMPLETE, sweep.error() == null ? 0 : 1, name);
            into.set(Metric.NODE_ORPHANS, sweep.orphansPresent() == null ? 0 : sweep.orphansPresent(), name);
        }
    }

    static boolean ready(List<Condition> conditions) {
        return conditions != null
                && conditions.stream()
                        .anyMatch(condition ->
                                Reasons.READY.equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    static String operation(Operation operation) {
        return operation == null
                ? UNKNOWN
                : switch (operation) {
                    case DELETE -> "Delete";
                    case SUSPEND -> "Suspend";
                    case INSTANCE_VANISHED -> "InstanceVanished";
                };
    }

    static String type(VpnType type) {
        return type == null
                ? UNKNOWN
                : switch (type) {
                    case WIREGUARD -> "WireGuard";
                    case OPENVPN -> "OpenVPN";
                    case IPSEC -> "IPsec";
                };
    }

    /** Unix time. */
    static double seconds(Instant at) {
        return at.toEpochMilli() / MILLIS;
    }
}
