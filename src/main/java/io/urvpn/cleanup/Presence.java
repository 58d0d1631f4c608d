package io.urvpn.cleanup;

import java.time.Instant;

/** Where the node of an attachment is, as the API server tells it. */
public sealed interface Presence {

    /** The Node is there, backed by the machine that had the tunnel as far as is known, and its kubelet answers. */
    record Present() implements Presence {}

    /**
     * The Node is there and its kubelet is silent (the condition Ready is Unknown).
     *
     * @param since when the node controller noticed
     */
    record Silent(Instant since) implements Presence {}

    /** The Node has the taint {@code node.kubernetes.io/out-of-service}: a person said that the machine is off. */
    record OutOfService() implements Presence {}

    /**
     * No Node of that name is backed by the machine.
     *
     * @param since when the operator first saw it, persisted
     * @param why for people
     */
    record Absent(Instant since, String why) implements Presence {}
}
