package io.urvpn.operator;

import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.util.List;

/**
 * Brings an instance to its nodes, and lets it go when its cleanup is through. Status is written with each pass, during
 * cleanup too: there JOSDK would write none.
 */
final class VpnInstanceReconciler implements Reconciler<VpnInstance>, Cleaner<VpnInstance> {
    private final InstanceLife life;
    private final InstanceDeletion deletion;
    private final EventRoutes routes;

    VpnInstanceReconciler(InstanceLife life, InstanceDeletion deletion, EventRoutes routes) {
        this.life = life;
        this.deletion = deletion;
        this.routes = routes;
    }

    @Override
    public List<EventSource<?, VpnInstance>> prepareEventSources(EventSourceContext<VpnInstance> context) {
        routes.instances(context.getPrimaryCache());
        return List.of(routes.instanceEvents());
    }

    @Override
    public UpdateControl<VpnInstance> reconcile(VpnInstance cached, Context<VpnInstance> context) {
        UpdateControl<VpnInstance> control = UpdateControl.noUpdate();
        life.pass(cached).ifPresent(control::rescheduleAfter);
        return control;
    }

    @Override
    public DeleteControl cleanup(VpnInstance cached, Context<VpnInstance> context) {
        // the pass takes the finalizer off itself, from the object that it has read
        DeleteControl control = DeleteControl.noFinalizerRemoval();
        deletion.pass(cached).ifPresent(control::rescheduleAfter);
        return control;
    }
}
