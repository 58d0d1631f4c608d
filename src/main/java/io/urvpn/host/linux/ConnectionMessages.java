package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Flow;
import io.urvpn.host.Flow.Echo;
import io.urvpn.host.Flow.Ports;
import io.urvpn.host.Flow.Tuple;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** Tracked connections as linux/netfilter/nfnetlink_conntrack.h has them; numbers are in network byte order. */
public final class ConnectionMessages {
    /** NFNL_SUBSYS_CTNETLINK, and IPCTNL_MSG_CT_NEW, _GET and _DELETE. */
    private static final int CTNETLINK = 1 << 8;

    private static final int NEW = CTNETLINK;
    private static final int GET = CTNETLINK | 1;
    private static final int DELETE = CTNETLINK | 2;

    /** Length of struct nfgenmsg. */
    private static final int HEADER = 4;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;

    private static final int CTA_TUPLE_ORIG = 1;
    private static final int CTA_TUPLE_REPLY = 2;
    private static final int CTA_ID = 12;
    private static final int CTA_ZONE = 18;
    private static final int CTA_TUPLE_IP = 1;
    private static final int CTA_TUPLE_PROTO = 2;
    private static final int CTA_TUPLE_ZONE = 3;
    private static final int CTA_IP_V4_SRC = 1;
    private static final int CTA_IP_V4_DST = 2;
    private static final int CTA_IP_V6_SRC = 3;
    private static final int CTA_IP_V6_DST = 4;
    private static final int CTA_PROTO_NUM = 1;
    private static final int CTA_PROTO_SRC_PORT = 2;
    private static final int CTA_PROTO_DST_PORT = 3;
    /** The identifier; type and code follow it. ICMPv6 has three of its own. */
    private static final int CTA_PROTO_ICMP_ID = 4;

    private static final int CTA_PROTO_ICMPV6_ID = 7;

    private ConnectionMessages() {}

    static NetlinkRequest dump(boolean v6) {
        return header(new NetlinkRequest(GET, NetlinkMessage.F_DUMP), v6);
    }

    /** Asks for the flow that has the original direction of this one, whichever it is. */
    static NetlinkRequest get(Flow flow) {
        return original(header(new NetlinkRequest(GET, NetlinkMessage.F_ACK), v6(flow)), flow);
    }

    /** Removes it, where the id is still the same. Without a direction the kernel would remove all there are. */
    static NetlinkRequest delete(Flow flow) {
        NetlinkRequest request = header(new NetlinkRequest(DELETE, NetlinkMessage.F_ACK), v6(flow));
        return original(request, flow).attribute(CTA_ID, bytes(flow.id(), 4));
    }

    private static boolean v6(Flow flow) {
        return flow.original().source().v6();
    }

    /** struct nfgenmsg. */
    private static NetlinkRequest header(NetlinkRequest request, boolean v6) {
        return request.u8(v6 ? AF_INET6 : AF_INET, 0, 0, 0);
    }

    private static NetlinkRequest original(NetlinkRequest request, Flow flow) {
        if (flow.zone() != 0) {
            request.attribute(CTA_ZONE, bytes(flow.zone(), 2));
        }
        return request.nested(CTA_TUPLE_ORIG, inside -> put(inside, flow.original()));
    }

    private static void put(NetlinkRequest request, Tuple tuple) {
        boolean v6 = tuple.source().v6();
        request.nested(
                CTA_TUPLE_IP,
                ip -> ip.attribute(
                                v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC,
                                tuple.source().bytes())
                        .attribute(
                                v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST,
                                tuple.destination().bytes()));
        request.nested(CTA_TUPLE_PROTO, protocol -> {
            protocol.attributeU8(CTA_PROTO_NUM, tuple.protocol());
            tuple.ports()
                    .ifPresent(ports -> protocol.attribute(CTA_PROTO_SRC_PORT, bytes(ports.source(), 2))
                            .attribute(CTA_PROTO_DST_PORT, bytes(ports.destination(), 2)));
            int id = tuple.protocol() == ICMPV6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID;
            tuple.echo()
                    .ifPresent(echo -> protocol.attribute(id, bytes(echo.id(), 2))
                            .attributeU8(id + 1, echo.type())
                            .attributeU8(id + 2, echo.code()));
        });
        if (tuple.zone() != 0) {
            request.attribute(CTA_TUPLE_ZONE, bytes(tuple.zone(), 2));
        }
    }

    /** A flow; empty where the message is something else, or of another family. */
    public static Optional<Flow> flow(NetlinkMessage message) {
        int family = message.payload().limit() < HEADER ? 0 : message.payload().get(0);
        if (message.type() != NEW || family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        Attributes attributes = Attributes.parse(message.payload(), HEADER);
        return Optional.of(new Flow(
                number(attributes, CTA_ID),
                (int) number(attributes, CTA_ZONE),
                tuple(attributes.nested(CTA_TUPLE_ORIG), family == AF_INET6),
                tuple(attributes.nested(CTA_TUPLE_REPLY), family == AF_INET6)));
    }

    private static Tuple tuple(Attributes attributes, boolean v6) {
        Attributes ip = attributes.nested(CTA_TUPLE_IP);
        Attributes protocol = attributes.nested(CTA_TUPLE_PROTO);
        int number = protocol.u8(CTA_PROTO_NUM).orElse(0);
        int echo = number == ICMPV6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID;
        boolean hasEcho =
                (number == ICMP || number == ICMPV6) && protocol.find(echo).isPresent();
        return new Tuple(
                address(ip, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, v6),
                address(ip, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, v6),
                number,
                protocol.find(CTA_PROTO_SRC_PORT)
                        .map(there -> new Ports((int) number(protocol, CTA_PROTO_SRC_PORT), (int)
                                number(protocol, CTA_PROTO_DST_PORT))),
                hasEcho
                        ? Optional.of(new Echo(
                                protocol.u8(echo + 1).orElse(0),
                                protocol.u8(echo + 2).orElse(0),
                                (int) number(protocol, echo)))
                        : Optional.empty(),
                (int) number(attributes, CTA_TUPLE_ZONE));
    }

    private static IpPrefix address(Attributes ip, int type, boolean v6) {
        byte[] address = ip.bytes(type).orElseGet(() -> new byte[v6 ? 16 : 4]);
        return IpPrefix.of(address, address.length * 8);
    }

    /** An unsigned number of any length; 0 where it is not there. */
    private static long number(Attributes attributes, int type) {
        long number = 0;
        for (byte each : attributes.bytes(type).orElse(new byte[0])) {
            number = number << 8 | each & 0xff;
        }
        return number;
    }

    private static byte[] bytes(long number, int length) {
        byte[] all = ByteBuffer.allocate(8).putLong(number).array();
        return Arrays.copyOfRange(all, 8 - length, 8);
    }
}
