package io.urvpn.api.v1alpha1;

/** Stable codes in {@link ComponentError#code()} and {@link Verdict#errorCode()}, documented in {@code docs/troubleshooting.md}. */
public final class ErrorCodes {
    /** Something of the instance was found by the verification. */
    public static final String LEFTOVER = "Leftover";
    /** Something could not be read (EACCES, EPERM), so it is not known to be gone. */
    public static final String UNREADABLE = "Unreadable";
    /** The node was not read: it is gone, lost, or a person ended the wait. */
    public static final String NOT_READ = "NodeNotRead";
    /** A step did not end within timeoutSeconds. */
    public static final String TIMED_OUT = "TimedOut";
    /** The kernel refused a change. */
    public static final String KERNEL_REFUSED = "KernelRefused";
    /** A process did not end although it was killed. */
    public static final String PROCESS_SURVIVED = "ProcessSurvived";
    /** A tool on the node failed. */
    public static final String TOOL_FAILED = "ToolFailed";
    /** A file or directory could not be read, written or removed. */
    public static final String FILE_FAILED = "FileFailed";

    private ErrorCodes() {}
}
