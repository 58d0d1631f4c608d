package io.urvpn.notify;

import io.fabric8.kubernetes.api.model.ObjectReference;
import java.util.Optional;

/**
 * Something that people may want to know.
 *
 * @param reason which
 * @param regarding the object on which it is shown
 * @param related another object that is concerned
 * @param note what it is and what helps; cut to 1024 bytes
 */
public record Occurrence(
        EventReason reason, ObjectReference regarding, Optional<ObjectReference> related, String note) {}
