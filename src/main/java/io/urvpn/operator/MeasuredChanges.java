package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.notify.metrics.OperatorMetrics;
import java.util.Optional;

/** Tells the metrics of what changed before it is passed on. */
record MeasuredChanges(OperatorMetrics metrics, Triggers next) implements Triggers {
    @Override
    public void attachment(Optional<VpnAttachment> before, Optional<VpnAttachment> after) {
        metrics.attachment(before, after);
        next.attachment(before, after);
    }

    @Override
    public void cleanup(Optional<VpnCleanup> before, Optional<VpnCleanup> after) {
        metrics.cleanup(before, after);
        next.cleanup(before, after);
    }

    @Override
    public void agent(Optional<VpnNode> before, Optional<VpnNode> after) {
        next.agent(before, after);
    }

    @Override
    public void node(Optional<Node> before, Optional<Node> after) {
        next.node(before, after);
    }

    @Override
    public void secret(Optional<Secret> before, Optional<Secret> after) {
        next.secret(before, after);
    }

    @Override
    public void daemonSet(Optional<DaemonSet> before, Optional<DaemonSet> after) {
        next.daemonSet(before, after);
    }

    @Override
    public void pod(Optional<Pod> before, Optional<Pod> after) {
        next.pod(before, after);
    }
}
