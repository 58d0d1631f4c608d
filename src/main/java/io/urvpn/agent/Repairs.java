package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachmentStatus.RepairStatus;
import java.time.Instant;

/** Counts what was put right on a node after somebody else had changed it. */
final class Repairs {
    private static final int SHOWN = 256;

    private Repairs() {}

    /** The entry with so many more; not written yet. */
    static JournalEntry counted(JournalEntry entry, long more, String what, Instant at) {
        RepairStatus before = entry.repairs();
        return JournalEntryBuilder.builder(entry)
                .repairs(new RepairStatus((before == null ? 0 : before.count()) + more, Words.cut(what, SHOWN), at))
                .build();
    }
}
