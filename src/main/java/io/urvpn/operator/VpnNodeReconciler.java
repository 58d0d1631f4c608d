package io.urvpn.operator;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.urvpn.api.v1alpha1.VpnNode;
import java.time.Duration;

/**
 * Answers what the sweep of a node found, and looks for attachments whose instance is gone. It looks again by itself, since
 * an instance whose finalizer was taken off by hand goes without an event of its own.
 */
final class VpnNodeReconciler implements Reconciler<VpnNode> {
    private static final Duration AGAIN = Duration.ofSeconds(15);

    private final OrphanAnswers orphans;
    private final VanishedInstances vanished;

    VpnNodeReconciler(OrphanAnswers orphans, VanishedInstances vanished) {
        this.orphans = orphans;
        this.vanished = vanished;
    }

    @Override
    public UpdateControl<VpnNode> reconcile(VpnNode node, Context<VpnNode> context) {
        vanished.on(node.getMetadata().getName());
        orphans.answer(node);
        return UpdateControl.<VpnNode>noUpdate().rescheduleAfter(AGAIN);
    }
}
