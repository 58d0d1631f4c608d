package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import java.util.List;

/** Attachments as the operator creates them. */
final class Attachments {
    private Attachments() {}

    /** A new one: its name follows from instance and node; it has no owner, so that only its own finalizer decides when it goes. */
    static VpnAttachment of(VpnAttachmentSpec spec) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.getMetadata().setName(ObjectNames.attachment(spec.instance().uid(), spec.nodeName()));
        attachment
                .getMetadata()
                .setLabels(ObjectNames.labels(
                        spec.instance().name(), spec.instance().uid()));
        attachment.getMetadata().setFinalizers(List.of(Names.FINALIZER_NODE_STATE));
        attachment.setSpec(spec);
        return attachment;
    }
}
