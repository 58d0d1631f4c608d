package io.urvpn.host;

import java.util.List;

/**
 * IPsec in the kernel (XFRM): policies and states. Keys never leave it. There is no flush here: what others have stays.
 */
public interface Xfrm {
    /**
     * Every policy of the node, by a consistent dump; none where the kernel has no XFRM. Those of single sockets are left
     * out: they go with their socket.
     */
    List<XfrmPolicy> policies();

    /** Every state, by a consistent dump; none where the kernel has no XFRM. */
    List<XfrmState> states();

    /**
     * Removes exactly this policy. The policies are read again, and one counts as this only where all is the same: a selector
     * whose priority, reqid or anything else is another by now is somebody else's.
     *
     * <p>The kernel takes no reqid with a delete, only its index of the policy. An update of somebody else's for the same
     * selector keeps that index, so one that comes between the read and the delete that follows it (tens of microseconds) is
     * deleted in place of ours. An index that is free is not given again before the kernel's 29 bit counter has wrapped.
     *
     * @return false where it was not there
     */
    boolean delete(XfrmPolicy policy);

    /**
     * Removes exactly this state; its counters do not matter. The states are read again, as for a policy; the window is the
     * same, and the kernel gives an SPI anew only to who asks for it.
     *
     * @return false where it was not there
     * @throws HostException of kind EXISTS where the kernel could take another state for it, whose mark is wider; of kind
     *     UNSUPPORTED for a {@link XfrmState#placeholder() placeholder}
     */
    boolean delete(XfrmState state);
}
