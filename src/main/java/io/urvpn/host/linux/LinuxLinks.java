package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.LinkAddress;
import io.urvpn.host.Links;
import java.util.List;
import java.util.Optional;

/** Links and addresses over netlink. */
public final class LinuxLinks implements Links {
    private final Netlink netlink;

    /** Over a conversation of NETLINK_ROUTE. */
    public LinuxLinks(Netlink netlink) {
        this.netlink = netlink;
    }

    @Override
    public List<Link> list() {
        return netlink.dump("links", LinkMessages.dumpLinks(), Groups.LINK).stream()
                .map(LinkMessages::link)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public List<LinkAddress> addresses() {
        return netlink.dump("addresses", LinkMessages.dumpAddresses(), Groups.ADDRESS).stream()
                .map(LinkMessages::address)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void addAddress(int linkIndex, IpPrefix address) {
        change("add address " + address + " to link " + linkIndex, LinkMessages.addAddress(linkIndex, address));
    }

    @Override
    public boolean removeAddress(int linkIndex, IpPrefix address) {
        try {
            if (!address.v6()) {
                netlink.change(LinkMessages.promoteSecondaries(linkIndex));
            }
            netlink.change(LinkMessages.removeAddress(linkIndex, address));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EADDRNOTAVAIL || e.errno() == Errno.ENODEV) {
                return false;
            }
            throw Errno.refusal("remove address " + address + " from link " + linkIndex, e);
        }
    }

    @Override
    public void configure(int linkIndex, String alias, int mtu, boolean up) {
        Link link = list().stream()
                .filter(each -> each.index() == linkIndex)
                .findFirst()
                .orElseThrow(() -> new HostException(
                        HostException.Kind.UNSUPPORTED, "configure link " + linkIndex + ": ENODEV (there is none)"));
        String name = "link " + link.name() + " (" + linkIndex + ")";
        if (!link.alias().equals(alias)) {
            change("set alias of " + name + " to " + alias, LinkMessages.setAlias(linkIndex, alias));
        }
        if (link.mtu() != mtu) {
            change("set MTU of " + name + " to " + mtu, LinkMessages.setMtu(linkIndex, mtu));
        }
        if (link.up() != up) {
            change("set " + name + (up ? " up" : " down"), LinkMessages.setUp(linkIndex, up));
        }
    }

    @Override
    public boolean delete(int linkIndex) {
        try {
            netlink.change(LinkMessages.delete(linkIndex));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                return false;
            }
            throw Errno.refusal("delete link " + linkIndex, e);
        }
    }

    private void change(String what, NetlinkRequest request) {
        try {
            netlink.change(request);
        } catch (ErrnoException e) {
            throw Errno.refusal(what, e);
        }
    }
}
