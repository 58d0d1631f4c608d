package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import java.util.Optional;

/** Where the status of an attachment goes; returns at once, whether the API is there or not. */
public interface StatusReports {

    /** Takes the newest status of an attachment; it is written when it says something new. */
    void report(VpnAttachment attachment, VpnAttachmentStatus status);

    /** What the API is known to hold for this very attachment; empty where it holds nothing yet. */
    Optional<VpnAttachmentStatus> written(VpnAttachment attachment);
}
