package io.urvpn.host.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A netlink message (struct nlmsghdr of linux/netlink.h, and what follows it).
 *
 * @param type what it is
 * @param flags NLM_F_*
 * @param sequence number of the request that it answers
 * @param port of the socket whose request it answers; 0 or another's where it is a notification
 * @param payload in native byte order, from its first byte on
 */
public record NetlinkMessage(int type, int flags, int sequence, int port, ByteBuffer payload) {
    /** Length of struct nlmsghdr. */
    public static final int HEADER = 16;

    /** NLMSG_ERROR, which with error 0 is an acknowledgement. */
    public static final int ERROR = 2;
    /** NLMSG_DONE: the last of a dump. */
    public static final int DONE = 3;
    /** NLMSG_OVERRUN: data were lost. */
    public static final int OVERRUN = 4;

    public static final int F_REQUEST = 1;
    public static final int F_ACK = 4;
    /** NLM_F_DUMP_INTR: what was dumped changed meanwhile, so the dump may have holes. */
    public static final int F_DUMP_INTERRUPTED = 0x10;

    public static final int F_DUMP = 0x300;
    public static final int F_EXCL = 0x200;
    public static final int F_CREATE = 0x400;
    /** NLM_F_CAPPED: an error carries only the header of the request. */
    public static final int F_CAPPED = 0x100;
    /** NLM_F_ACK_TLVS: an error carries attributes of its own. */
    public static final int F_ACK_TLVS = 0x200;

    /** The messages of one datagram. */
    public static List<NetlinkMessage> parse(ByteBuffer datagram) {
        ByteBuffer bytes = datagram.slice().order(ByteOrder.nativeOrder());
        List<NetlinkMessage> messages = new ArrayList<>();
        int at = 0;
        while (bytes.limit() - at >= HEADER) {
            int length = bytes.getInt(at);
            if (length < HEADER || length > bytes.limit() - at) {
                throw new IllegalArgumentException("a netlink message of " + length + " bytes in a datagram that has "
                        + (bytes.limit() - at) + " left");
            }
            messages.add(new NetlinkMessage(
                    Short.toUnsignedInt(bytes.getShort(at + 4)),
                    Short.toUnsignedInt(bytes.getShort(at + 6)),
                    bytes.getInt(at + 8),
                    bytes.getInt(at + 12),
                    bytes.slice(at + HEADER, length - HEADER).order(ByteOrder.nativeOrder())));
            at += align(length);
        }
        return messages;
    }

    /** True where it has that flag. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The next multiple of 4: NLMSG_ALIGN and NLA_ALIGN. */
    static int align(int length) {
        return (length + 3) & ~3;
    }
}
