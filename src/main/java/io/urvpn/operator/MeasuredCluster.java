package io.urvpn.operator;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.notify.metrics.ClusterView;
import java.util.Collection;
import java.util.function.BooleanSupplier;

/** The caches, for the metrics. */
record MeasuredCluster(ClusterCache cache, EventRoutes routes, BooleanSupplier leading) implements ClusterView {
    @Override
    public boolean leads() {
        return leading.getAsBoolean();
    }

    @Override
    public Collection<VpnInstance> instances() {
        return routes.instances();
    }

    @Override
    public Collection<VpnAttachment> attachments() {
        return cache.attachments();
    }

    @Override
    public Collection<VpnCleanup> cleanups() {
        return cache.cleanups();
    }

    @Override
    public Collection<VpnNode> nodes() {
        return cache.agents();
    }
}
