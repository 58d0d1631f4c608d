package io.urvpn.cleanup;

import java.time.Instant;

/**
 * Ids of operations. They are made of what does not change, so that an operator that was restarted in the middle finds
 * the operation that it had begun.
 */
public final class OperationId {
    private static final int NAME_LENGTH = 40;
    private static final int UID_LENGTH = 8;

    private OperationId() {}

    /**
     * Of a deletion: {@code cleanup-<Unix seconds>-<name, cut at 40>-<first 8 of the uid>}.
     *
     * @param deletedAt the object's deletionTimestamp
     * @param name the object's name
     * @param uid the object's uid
     */
    public static String ofDeletion(Instant deletedAt, String name, String uid) {
        return id(deletedAt.getEpochSecond(), name, uid);
    }

    /** Where nothing is deleted: the generation of the instance or attachment stands for the seconds. */
    public static String ofGeneration(long generation, String name, String uid) {
        return id(generation, name, uid);
    }

    /** True where this is the id of a detach of that one object, not of an operation over many. */
    public static boolean isOf(String operationId, String uid) {
        return operationId.endsWith("-" + uid.substring(0, Math.min(UID_LENGTH, uid.length())));
    }

    private static String id(long number, String name, String uid) {
        String cut = name.substring(0, Math.min(NAME_LENGTH, name.length()));
        // a name may not have "-." or ".-" in the middle of the id, nor end in either
        String trimmed = cut.replaceAll("[-.]+$", "");
        return "cleanup-" + number + "-" + trimmed + "-" + uid.substring(0, Math.min(UID_LENGTH, uid.length()));
    }
}
