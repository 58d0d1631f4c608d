package io.urvpn.notify;

/**
 * Every Kubernetes Event that the operator writes, by its reason. Each is documented in {@code docs/troubleshooting.md}; they
 * are part of the API and are not renamed. Those of an operation are on its VpnInstance, with the VpnCleanup as related
 * object; on the VpnCleanup itself where the instance has gone before.
 */
public enum EventReason {
    /** Of a VpnInstance: the tunnel is up on each selected node. */
    TUNNEL_UP("TunnelUp", Type.NORMAL, "Attach"),
    /** Of a VpnInstance: the tunnel was up on each selected node, and is not any more. */
    TUNNEL_DOWN("TunnelDown", Type.WARNING, "Attach"),
    /** Of a VpnInstance: something does not end by itself; the note says what helps. */
    STALLED("Stalled", Type.WARNING, "Attach"),
    /** Of a VpnInstance: pods are being replaced, and for some minutes none has been, as one did not come back. */
    ROLL_STOPPED("RollStopped", Type.WARNING, "Roll"),
    /** Of a VpnInstance: nodes that were no longer selected were cleaned, and how it ended. */
    NODE_DETACHED("NodeDetached", Type.NORMAL, "Detach"),
    /** Of an operation: it has begun; the note has its id. */
    CLEANUP_STARTED("CleanupStarted", Type.NORMAL, "CleanUp"),
    /** Of an operation: nodes that do not answer are waited for. */
    NODE_AWAITED("NodeAwaited", Type.WARNING, "CleanUp"),
    /** Of an operation: the retries of nodes are used up; the note has what was found there. */
    CLEANUP_FAILED("CleanupFailed", Type.WARNING, "CleanUp"),
    /** Of an operation: it has ended, and each node was read again and is clean. */
    CLEANUP_VERIFIED("CleanupVerified", Type.NORMAL, "CleanUp"),
    /** Of an operation: it has ended, and at least one node was not read. */
    CLEANUP_NOT_READ("CleanupNotRead", Type.WARNING, "CleanUp"),
    /** Of an operation: the object was let go, and nodes still owe their verification. */
    DEBT_OPENED("DebtOpened", Type.WARNING, "CleanUp"),
    /** Of a VpnCleanup: no node owes anything any more. */
    DEBT_SETTLED("DebtSettled", Type.NORMAL, "CleanUp"),
    /** Of an operation: a person stepped in; the note has who, what and why. */
    INTERVENTION("Intervention", Type.WARNING, "StepIn"),
    /** Of an operation: a message over MQTT is not delivered yet; the note says why. */
    MESSAGE_UNDELIVERED("MessageUndelivered", Type.WARNING, "Notify"),
    /** Of a VpnNode: its sweep found state that nothing explains. */
    ORPHAN_FOUND("OrphanFound", Type.WARNING, "Sweep");

    private final String reason;
    private final Type type;
    private final String action;

    EventReason(String reason, Type type, String action) {
        this.reason = reason;
        this.type = type;
        this.action = action;
    }

    /** As the Event has it, in CamelCase. */
    public String reason() {
        return reason;
    }

    /** {@code Normal} or {@code Warning}. */
    public String type() {
        return type.text;
    }

    /** What the operator was doing, as {@code events.k8s.io/v1} wants it said. */
    String action() {
        return action;
    }

    private enum Type {
        NORMAL("Normal"),
        WARNING("Warning");

        private final String text;

        Type(String text) {
            this.text = text;
        }
    }
}
