package io.urvpn.host;

/** The node refused something, or could not be read. */
public class HostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of refusal it was; what a caller decides by. */
    public enum Kind {
        /** Something stands there already (EEXIST): it is somebody else's, since ours is known. */
        EXISTS,
        /** It may not be read or changed (EACCES, EPERM): it is not known to be gone. */
        DENIED,
        /** The device, table or family does not exist on this kernel or node (ENODEV, EOPNOTSUPP, EAFNOSUPPORT). */
        UNSUPPORTED,
        /** A tool that is called failed or is missing. */
        TOOL,
        /** Anything else. */
        OTHER
    }

    private final Kind kind;

    /**
     * A refusal.
     *
     * @param kind what a caller decides by
     * @param message what was tried, on what, and what the kernel or tool said; never a secret
     */
    public HostException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** As above, with the cause. */
    public HostException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What a caller decides by. */
    public Kind kind() {
        return kind;
    }
}
