package io.urvpn.agent;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import java.net.HttpURLConnection;

/** By server-side apply on the status subresource, with the uid, so that another attachment of that name is not written. */
public final class ApplyingStatusWriter implements AttachmentStatusWriter {
    static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(Names.AGENT_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;

    public ApplyingStatusWriter(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Written write(String name, String uid, VpnAttachmentStatus status) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(
                new ObjectMetaBuilder().withName(name).withUid(uid).build());
        attachment.setStatus(status);
        try {
            client.resource(attachment).subresource("status").patch(APPLY);
            return Written.DONE;
        } catch (KubernetesClientException e) {
            boolean gone = e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                    || e.getCode() == HttpURLConnection.HTTP_CONFLICT && !there(name, uid);
            if (gone) {
                return Written.GONE;
            }
            throw e;
        }
    }

    /** A conflict is of the uid: fields are taken by force. */
    private boolean there(String name, String uid) {
        VpnAttachment attachment =
                client.resources(VpnAttachment.class).withName(name).get();
        return attachment != null && uid.equals(attachment.getMetadata().getUid());
    }
}
