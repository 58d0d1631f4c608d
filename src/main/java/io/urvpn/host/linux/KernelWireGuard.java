package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.WireGuardDevices.Peer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The kernel's WireGuard over generic netlink (linux/wireguard.h, linux/genetlink.h). */
public final class KernelWireGuard {
    private static final int GENL_ID_CTRL = 16;
    private static final int CTRL_CMD_GETFAMILY = 3;
    private static final int CTRL_ATTR_FAMILY_ID = 1;
    private static final int CTRL_ATTR_FAMILY_NAME = 2;
    private static final int CTRL_VERSION = 2;
    /** Length of struct genlmsghdr. */
    private static final int HEADER = 4;

    private static final String FAMILY = "wireguard";
    private static final int VERSION = 1;
    private static final int GET_DEVICE = 0;
    private static final int SET_DEVICE = 1;
    private static final int DEVICE_IFNAME = 2;
    private static final int DEVICE_FLAGS = 5;
    private static final int DEVICE_REPLACE_PEERS = 1;
    private static final int DEVICE_PEERS = 8;
    private static final int PEER_PUBLIC_KEY = 1;
    private static final int PEER_ENDPOINT = 4;
    private static final int PEER_KEEPALIVE = 5;
    private static final int PEER_HANDSHAKE = 6;
    private static final int PEER_RECEIVED = 7;
    private static final int PEER_SENT = 8;
    private static final int AF_INET = 2;
    private static final int NO_GROUPS = 0;

    private final Netlink netlink;

    /** Over a conversation of NETLINK_GENERIC. */
    public KernelWireGuard(Netlink netlink) {
        this.netlink = netlink;
    }

    /** Number of a family of generic netlink; empty where the kernel has none of that name. */
    public Optional<Integer> family(String name) {
        NetlinkRequest request = new NetlinkRequest(GENL_ID_CTRL, NetlinkMessage.F_ACK)
                .u8(CTRL_CMD_GETFAMILY, CTRL_VERSION)
                .u16(0)
                .attributeText(CTRL_ATTR_FAMILY_NAME, name);
        try {
            return netlink.ask(request).stream()
                    .map(message -> Attributes.parse(message.payload(), HEADER).u16(CTRL_ATTR_FAMILY_ID))
                    .flatMap(id -> id.stream().boxed())
                    .findFirst();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw Errno.refusal("look for the netlink family " + name, e);
        }
    }

    /** The peers of a link of kind wireguard; empty where the kernel has no WireGuard or no such device. */
    public Optional<List<Peer>> peers(String interfaceName) {
        Optional<Integer> family = family(FAMILY);
        if (family.isEmpty()) {
            return Optional.empty();
        }
        NetlinkRequest request = new NetlinkRequest(family.get(), NetlinkMessage.F_DUMP)
                .u8(GET_DEVICE, VERSION)
                .u16(0)
                .attributeText(DEVICE_IFNAME, interfaceName);
        List<NetlinkMessage> messages;
        try {
            messages = netlink.dump("WireGuard device " + interfaceName, request, NO_GROUPS);
        } catch (HostException e) {
            if (e.kind() == HostException.Kind.UNSUPPORTED) {
                return Optional.empty();
            }
            throw e;
        }
        try {
            return Optional.of(parse(messages));
        } finally {
            // The device's own key and those shared with peers are among it.
            messages.forEach(message -> erase(message.payload()));
        }
    }

    private static void erase(ByteBuffer payload) {
        for (int i = 0; i < payload.limit(); i++) {
            payload.put(i, (byte) 0);
        }
    }

    /** Removes every peer; false where the kernel has no WireGuard or no such device. */
    public boolean removePeers(String interfaceName) {
        Optional<Integer> family = family(FAMILY);
        if (family.isEmpty()) {
            return false;
        }
        try {
            netlink.change(new NetlinkRequest(family.get(), NetlinkMessage.F_ACK)
                    .u8(SET_DEVICE, VERSION)
                    .u16(0)
                    .attributeText(DEVICE_IFNAME, interfaceName)
                    .attributeU32(DEVICE_FLAGS, DEVICE_REPLACE_PEERS));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV || e.errno() == Errno.EOPNOTSUPP) {
                return false;
            }
            throw Errno.refusal("remove the peers of " + interfaceName, e);
        }
    }

    /**
     * Peers of a dump. One whose allowed networks do not fit into a message is said again in the next, by its key and the
     * rest of them alone.
     */
    public static List<Peer> parse(List<NetlinkMessage> dump) {
        List<Peer> peers = new ArrayList<>();
        for (NetlinkMessage message : dump) {
            Attributes device = Attributes.parse(message.payload(), HEADER);
            for (Attributes.Attribute nested : device.nested(DEVICE_PEERS).all()) {
                Peer peer = peer(nested.nested());
                boolean again = !peers.isEmpty() && peers.getLast().publicKey().equals(peer.publicKey());
                if (!again) {
                    peers.add(peer);
                }
            }
        }
        return peers;
    }

    private static Peer peer(Attributes attributes) {
        return new Peer(
                attributes
                        .bytes(PEER_PUBLIC_KEY)
                        .map(Base64.getEncoder()::encodeToString)
                        .orElse(""),
                attributes.bytes(PEER_ENDPOINT).map(KernelWireGuard::endpoint).orElse(""),
                handshake(attributes),
                number(attributes, PEER_RECEIVED),
                number(attributes, PEER_SENT),
                attributes.u16(PEER_KEEPALIVE).orElse(0));
    }

    private static long number(Attributes attributes, int type) {
        return attributes.bytes(type).map(bytes -> longs(bytes).getLong(0)).orElse(0L);
    }

    private static ByteBuffer longs(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    /** struct __kernel_timespec: seconds and nanoseconds of the wall clock; both 0 before the first one. */
    private static Optional<Instant> handshake(Attributes attributes) {
        return attributes
                .bytes(PEER_HANDSHAKE)
                .map(KernelWireGuard::longs)
                .filter(time -> time.getLong(0) != 0 || time.getLong(8) != 0)
                .map(time -> Instant.ofEpochSecond(time.getLong(0), time.getLong(8)));
    }

    /** struct sockaddr_in or sockaddr_in6. */
    private static String endpoint(byte[] address) {
        int family = Short.toUnsignedInt(longs(address).getShort(0));
        int port = Short.toUnsignedInt(ByteBuffer.wrap(address).getShort(2));
        boolean v4 = family == AF_INET;
        byte[] bytes = v4 ? Arrays.copyOfRange(address, 4, 8) : Arrays.copyOfRange(address, 8, 24);
        String host = IpPrefix.of(bytes, bytes.length * 8).host();
        return (v4 ? host : "[" + host + "]") + ":" + port;
    }
}
