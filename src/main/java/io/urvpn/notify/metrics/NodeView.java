package io.urvpn.notify.metrics;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What an agent knows of its node. */
public interface NodeView {

    /** Each attachment that exists on the node, with its newest status, whether that was written or not. */
    void attachments(BiConsumer<VpnAttachment, VpnAttachmentStatus> each);

    /** What the last sweep saw; empty before the first. */
    Optional<Sweep> sweep();
}
