package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.List;
import java.util.Set;

/**
 * Connection tracking. A flow went through a tunnel for sure where an address that is the tunnel's alone is an end of it: what
 * the node sent itself comes from there, and the answers of what was masqueraded go there. Flows that were only routed through
 * the tunnel have no such address, and nothing of ours in them: they are left to end by themselves.
 */
public interface Connections {
    /**
     * The flows with one of these addresses as source or destination, in their original direction or the reply's. What comes
     * and goes while it is read may be missing; what stays is not.
     *
     * @param addresses the instance's own, which nobody else on the node has; prefix lengths do not count
     * @return none where the kernel tracks no connections
     * @throws HostException of kind UNSUPPORTED where it tracks them, but shows them to nobody (no ctnetlink)
     */
    List<Flow> list(Set<IpPrefix> addresses);

    /**
     * Removes exactly this flow: both directions, zone and the kernel's own id must be the same in a fresh read, and the
     * delete carries the id.
     *
     * <p>The id alone is not enough: it is a hash of the original direction and of the place in memory, so a flow that
     * follows another one from the same port may have it too, and lead elsewhere.
     *
     * @return false where it was not there, or another flow has its place
     */
    boolean delete(Flow flow);
}
