package io.urvpn.operator;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.urvpn.api.v1alpha1.VpnNode;
import java.time.Duration;

/**
 * Answers what the sweep of a node found, looks for attachments whose instance is gone, and whether the node is still heard
 * of. It looks again by itself, since an instance whose finalizer was taken off by hand goes without an event of its own, and
 * a node falls silent without one.
 */
final class VpnNodeReconciler implements Reconciler<VpnNode> {
    private static final Duration AGAIN = Duration.ofSeconds(15);

    private final OrphanAnswers orphans;
    private final VanishedInstances vanished;
    private final EventRoutes routes;

    VpnNodeReconciler(OrphanAnswers orphans, VanishedInstances vanished, EventRoutes routes) {
        this.orphans = orphans;
        this.vanished = vanished;
        this.routes = routes;
    }

    @Override
    public UpdateControl<VpnNode> reconcile(VpnNode node, Context<VpnNode> context) {
        routes.lookForSilence(node.getMetadata().getName());
        vanished.on(node.getMetadata().getName());
        orphans.answer(node);
        return UpdateControl.<VpnNode>noUpdate().rescheduleAfter(AGAIN);
    }
}
