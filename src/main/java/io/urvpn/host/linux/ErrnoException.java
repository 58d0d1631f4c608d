package io.urvpn.host.linux;

/** A system call or a netlink request was refused; a port turns it into a HostException that says what was tried. */
public class ErrnoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * A refusal.
     *
     * @param errno positive
     * @param detail what the kernel says beside the number (extended acknowledgement) or which call it was; may be empty
     */
    public ErrnoException(int errno, String detail) {
        super(Errno.name(errno) + (detail.isEmpty() ? "" : " (" + detail + ")"));
        this.errno = errno;
    }

    /** The number, positive. */
    public int errno() {
        return errno;
    }
}
