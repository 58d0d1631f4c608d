package io.urvpn.host;

import io.urvpn.api.v1alpha1.IpPrefix;
import java.util.List;
import java.util.Optional;

/** Network interfaces and their addresses (RTM_*LINK, RTM_*ADDR). */
public interface Links {
    /** Every link, by one consistent dump. */
    List<Link> list();

    /** The link of that name. */
    default Optional<Link> named(String name) {
        return list().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    /** Every address of every link, but link-local IPv6 ones that the kernel gave by itself. */
    List<LinkAddress> addresses();

    /** Adds an address without a route of its own (IFA_F_NOPREFIXROUTE, exclusively). */
    void addAddress(int linkIndex, IpPrefix address);

    /**
     * Removes an address; false where it was not there. Other addresses stay, those of the same network too; with the last
     * IPv4 address of a link the kernel takes its IPv4 routes.
     */
    boolean removeAddress(int linkIndex, IpPrefix address);

    /** Sets alias, MTU in bytes and the up flag, in that order; each only where it differs. */
    void configure(int linkIndex, String alias, int mtu, boolean up);

    /** Removes the link with this index; false where it was not there. */
    boolean delete(int linkIndex);
}
