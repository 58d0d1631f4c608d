package io.urvpn.notify.metrics;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import java.util.Collection;

/** What an operator knows of the cluster without asking; empty where it has not read it yet. */
public interface ClusterView {

    /** True where this operator acts. */
    boolean leads();

    /** All instances. */
    Collection<VpnInstance> instances();

    /** All attachments. */
    Collection<VpnAttachment> attachments();

    /** All operations that still exist. */
    Collection<VpnCleanup> cleanups();

    /** What the agents say of their nodes. */
    Collection<VpnNode> nodes();
}
