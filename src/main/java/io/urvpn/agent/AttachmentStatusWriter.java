package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachmentStatus;

/** Writes the status of one attachment to the API. */
public interface AttachmentStatusWriter {

    /** What became of a write. */
    enum Written {
        /** It is there. */
        DONE,
        /** That attachment does not exist any more. */
        GONE
    }

    /**
     * Replaces what this agent said of an attachment.
     *
     * @param name of the attachment
     * @param uid of the attachment; another one of that name is not written
     * @throws RuntimeException where the API did not take it; it is tried again
     */
    Written write(String name, String uid, VpnAttachmentStatus status);
}
