package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Link;
import io.urvpn.host.LinkAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Links and addresses as rtnetlink(7) has them (linux/if_link.h, linux/if_addr.h). */
public final class LinkMessages {
    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;
    static final int RTM_SETLINK = 19;
    static final int RTM_NEWADDR = 20;
    static final int RTM_DELADDR = 21;
    static final int RTM_GETADDR = 22;

    private static final int LINK_HEADER = 16;
    private static final int ADDRESS_HEADER = 8;
    private static final int IFF_UP = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_EXT_MASK = 29;
    private static final int IFLA_INET_CONF = 1;
    /** linux/ip.h */
    private static final int IPV4_DEVCONF_PROMOTE_SECONDARIES = 20;

    private static final int RTEXT_FILTER_SKIP_STATS = 8;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NOPREFIXROUTE = 0x200;
    private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10");

    private LinkMessages() {}

    static NetlinkRequest dumpLinks() {
        return linkHeader(new NetlinkRequest(RTM_GETLINK, NetlinkMessage.F_DUMP), 0, 0, 0)
                .attributeU32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    }

    static NetlinkRequest dumpAddresses() {
        return new NetlinkRequest(RTM_GETADDR, NetlinkMessage.F_DUMP)
                .u8(0, 0, 0, 0)
                .u32(0);
    }

    /** A link; empty where the message is something else. */
    public static Optional<Link> link(NetlinkMessage message) {
        if (message.type() != RTM_NEWLINK) {
            return Optional.empty();
        }
        int index = message.payload().getInt(4);
        int flags = message.payload().getInt(8);
        Attributes attributes = Attributes.parse(message.payload(), LINK_HEADER);
        return Optional.of(new Link(
                index,
                attributes.text(IFLA_IFNAME).orElse(""),
                attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND).orElse(""),
                attributes.text(IFLA_IFALIAS).orElse(""),
                attributes.i32(IFLA_MTU).orElse(0),
                (flags & IFF_UP) != 0,
                attributes.i32(IFLA_MASTER)));
    }

    /**
     * An address; empty where the message is something else, or a link-local IPv6 address with a prefix route: those the
     * kernel gives by itself, and ours never have one.
     */
    public static Optional<LinkAddress> address(NetlinkMessage message) {
        if (message.type() != RTM_NEWADDR) {
            return Optional.empty();
        }
        Attributes attributes = Attributes.parse(message.payload(), ADDRESS_HEADER);
        int length = Byte.toUnsignedInt(message.payload().get(1));
        int flags = attributes
                .i32(IFA_FLAGS)
                .orElse(Byte.toUnsignedInt(message.payload().get(2)));
        return attributes
                .bytes(IFA_LOCAL)
                .or(() -> attributes.bytes(IFA_ADDRESS))
                .filter(bytes -> bytes.length == 4 || bytes.length == 16)
                .map(bytes -> IpPrefix.of(bytes, length))
                .filter(address -> !LINK_LOCAL.contains(address) || (flags & IFA_F_NOPREFIXROUTE) != 0)
                .map(address -> new LinkAddress(message.payload().getInt(4), address));
    }

    static NetlinkRequest addAddress(int linkIndex, IpPrefix address) {
        int flags = NetlinkMessage.F_ACK | NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL;
        return address(new NetlinkRequest(RTM_NEWADDR, flags), linkIndex, address)
                .attributeU32(IFA_FLAGS, IFA_F_NOPREFIXROUTE);
    }

    static NetlinkRequest removeAddress(int linkIndex, IpPrefix address) {
        return address(new NetlinkRequest(RTM_DELADDR, NetlinkMessage.F_ACK), linkIndex, address);
    }

    private static NetlinkRequest address(NetlinkRequest request, int linkIndex, IpPrefix address) {
        return request.u8(RouteMessages.family(address.v6()), address.length(), 0, 0)
                .u32(linkIndex)
                .attribute(IFA_LOCAL, address.bytes())
                .attribute(IFA_ADDRESS, address.bytes());
    }

    static NetlinkRequest setAlias(int linkIndex, String alias) {
        return linkHeader(new NetlinkRequest(RTM_SETLINK, NetlinkMessage.F_ACK), linkIndex, 0, 0)
                .attribute(IFLA_IFALIAS, alias.getBytes(StandardCharsets.UTF_8));
    }

    static NetlinkRequest setMtu(int linkIndex, int mtu) {
        return linkHeader(new NetlinkRequest(RTM_SETLINK, NetlinkMessage.F_ACK), linkIndex, 0, 0)
                .attributeU32(IFLA_MTU, mtu);
    }

    /** IPv4: the other addresses of a network stay when its first one goes (ip-sysctl: promote_secondaries). */
    static NetlinkRequest promoteSecondaries(int linkIndex) {
        return linkHeader(new NetlinkRequest(RTM_SETLINK, NetlinkMessage.F_ACK), linkIndex, 0, 0)
                .nested(
                        IFLA_AF_SPEC,
                        families -> families.nested(
                                RouteMessages.family(false),
                                inet -> inet.nested(
                                        IFLA_INET_CONF,
                                        conf -> conf.attributeU32(IPV4_DEVCONF_PROMOTE_SECONDARIES, 1))));
    }

    static NetlinkRequest setUp(int linkIndex, boolean up) {
        return linkHeader(new NetlinkRequest(RTM_SETLINK, NetlinkMessage.F_ACK), linkIndex, up ? IFF_UP : 0, IFF_UP);
    }

    static NetlinkRequest delete(int linkIndex) {
        return linkHeader(new NetlinkRequest(RTM_DELLINK, NetlinkMessage.F_ACK), linkIndex, 0, 0);
    }

    /** struct ifinfomsg. */
    private static NetlinkRequest linkHeader(NetlinkRequest request, int index, int flags, int change) {
        return request.u8(0, 0).u16(0).u32(index).u32(flags).u32(change);
    }
}
