package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnNode;
import java.util.Optional;

/** Is told of each change of what the operator watches; {@code before} is empty for a new object, {@code after} for one that is gone. */
public interface Triggers {
    void attachment(Optional<VpnAttachment> before, Optional<VpnAttachment> after);

    void cleanup(Optional<VpnCleanup> before, Optional<VpnCleanup> after);

    void agent(Optional<VpnNode> before, Optional<VpnNode> after);

    void node(Optional<Node> before, Optional<Node> after);

    void secret(Optional<Secret> before, Optional<Secret> after);

    void daemonSet(Optional<DaemonSet> before, Optional<DaemonSet> after);

    void pod(Optional<Pod> before, Optional<Pod> after);
}
