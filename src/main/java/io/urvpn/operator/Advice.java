package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;

/** The command that helps a person on with a node that is waited for. */
final class Advice {
    private Advice() {}

    /** Begins with a separator; empty where waiting is all there is to do. */
    static String of(VpnCleanup cleanup, NodeCleanup node) {
        String reason = node.pendingReason();
        if (Reasons.WAITING_FOR_AGENT.equals(reason)) {
            return "; see: kubectl get pods -A -o wide --field-selector spec.nodeName=" + node.node();
        }
        if (Reasons.WAITING_FOR_PODS.equals(reason)) {
            return "; see: kubectl get pods -A -o wide -l " + Names.LABEL_INSTANCE_UID + "="
                    + cleanup.getSpec().instance().uid();
        }
        if (node.verdict() != null && !Boolean.TRUE.equals(node.verdict().clean())) {
            return "; see: kubectl describe vpncleanup " + cleanup.getMetadata().getName();
        }
        return "";
    }
}
