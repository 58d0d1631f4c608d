package io.urvpn.notify.metrics;

import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an agent tells of its node. The series of an instance go when it is not to be up there any more. */
public final class AgentMetrics {
    private static final String COMPLETE = "Complete";
    private static final String INCOMPLETE = "Incomplete";
    private static final String FAILED = "Failed";

    private final Measurements measurements;

    public AgentMetrics(Measurements measurements) {
        this.measurements = measurements;
    }

    /** From now on the node is told as this agent knows it; once. */
    public void of(NodeView known) {
        List.of(COMPLETE, INCOMPLETE, FAILED).forEach(result -> measurements.begin(Metric.SWEEP_DURATION, result));
        measurements.whenAsked(snapshot -> {
            known.attachments((attachment, status) -> tunnel(attachment, status, snapshot));
            known.sweep().ifPresent(sweep -> sweep(sweep, snapshot));
        });
    }

    /**
     * Is told of each run of the sweep.
     *
     * @param seen what it saw; empty where it failed as a whole
     */
    public void swept(Duration took, Optional<Sweep> seen) {
        String result =
                seen.map(sweep -> sweep.error() == null ? COMPLETE : INCOMPLETE).orElse(FAILED);
        measurements.took(Metric.SWEEP_DURATION, took, result);
    }

    private static void tunnel(VpnAttachment attachment, VpnAttachmentStatus status, Snapshot into) {
        if (attachment.getSpec().desired() != DesiredState.ATTACHED) {
            return;
        }
        String[] labels = {
            attachment.getSpec().instance().name(),
            ClusterSnapshot.type(attachment.getSpec().type())
        };
        into.set(Metric.TUNNEL_UP, ClusterSnapshot.ready(status.conditions()) ? 1 : 0, labels);
        into.set(
                Metric.TUNNEL_REPAIRS,
                status.repairs() == null || status.repairs().count() == null
                        ? 0
                        : status.repairs().count(),
                labels);
        ConnectionStatus connection = status.connection();
        if (connection == null) {
            return;
        }
        if (connection.lastHandshakeAt() != null) {
            into.set(Metric.TUNNEL_HANDSHAKE, ClusterSnapshot.seconds(connection.lastHandshakeAt()), labels);
        }
        if (connection.receivedBytes() != null) {
            into.set(Metric.TUNNEL_RECEIVED, connection.receivedBytes(), labels);
        }
        if (connection.sentBytes() != null) {
            into.set(Metric.TUNNEL_SENT, connection.sentBytes(), labels);
        }
    }

    private static void sweep(Sweep sweep, Snapshot into) {
        if (sweep.lastRunAt() != null) {
            into.set(Metric.SWEEP_LAST_RUN, ClusterSnapshot.seconds(sweep.lastRunAt()));
        }
        if (sweep.intervalSeconds() != null) {
            into.set(Metric.SWEEP_INTERVAL, sweep.intervalSeconds());
        }
        into.set(Metric.SWEEP_ORPHANS, sweep.orphansPresent() == null ? 0 : sweep.orphansPresent());
        into.set(Metric.SWEEP_ORPHANS_GONE, sweep.orphansGone() == null ? 0 : sweep.orphansGone());
    }
}
