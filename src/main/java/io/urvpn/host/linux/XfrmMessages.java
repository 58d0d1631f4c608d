package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.XfrmMark;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmPolicy.Action;
import io.urvpn.host.XfrmPolicy.Direction;
import io.urvpn.host.XfrmPolicy.Ports;
import io.urvpn.host.XfrmPolicy.Selector;
import io.urvpn.host.XfrmPolicy.Template;
import io.urvpn.host.XfrmState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Policies and states as linux/xfrm.h has them on 64 bit machines. The attributes of a state that hold its keys are never
 * looked into.
 */
public final class XfrmMessages {
    static final int NEWSA = 0x10;
    static final int DELSA = 0x11;
    static final int GETSA = 0x12;
    static final int NEWPOLICY = 0x13;
    static final int DELPOLICY = 0x14;
    static final int GETPOLICY = 0x15;
    /** XFRMNLGRP_SA and XFRMNLGRP_POLICY, as bits. */
    static final int STATE_GROUP = 1 << 2;

    static final int POLICY_GROUP = 1 << 3;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    private static final int XFRMA_TMPL = 5;
    private static final int XFRMA_SEC_CTX = 8;
    private static final int XFRMA_SRCADDR = 13;
    private static final int XFRMA_POLICY_TYPE = 16;
    private static final int XFRMA_MARK = 21;
    private static final int XFRMA_IF_ID = 31;
    /** What a delete of a policy must name beside its index. */
    private static final Set<Integer> POLICY_IDENTITY = Set.of(XFRMA_POLICY_TYPE, XFRMA_MARK, XFRMA_IF_ID);

    /** Lengths of struct xfrm_selector, xfrm_userpolicy_info, xfrm_usersa_info, xfrm_user_tmpl, xfrm_user_sec_ctx. */
    private static final int SELECTOR = 56;

    private static final int POLICY = 168;
    private static final int STATE = 224;
    private static final int TEMPLATE = 64;
    private static final int SECURITY_CONTEXT = 8;

    /** Offsets in struct xfrm_userpolicy_info. */
    private static final int POLICY_PRIORITY = 152;

    private static final int POLICY_INDEX = 156;
    private static final int POLICY_DIRECTION = 160;
    private static final int POLICY_ACTION = 161;

    /** Offsets in struct xfrm_usersa_info: its id, and what has passed (struct xfrm_lifetime_cur). */
    private static final int STATE_ID = 56;

    private static final int STATE_SOURCE = 80;
    private static final int STATE_BYTES = 160;
    private static final int STATE_REQID = 208;
    private static final int STATE_FAMILY = 212;
    private static final int STATE_MODE = 214;

    private XfrmMessages() {}

    static NetlinkRequest dumpPolicies() {
        return new NetlinkRequest(GETPOLICY, NetlinkMessage.F_DUMP);
    }

    static NetlinkRequest dumpStates() {
        return new NetlinkRequest(GETSA, NetlinkMessage.F_DUMP);
    }

    /** A policy; empty where the message is something else, or the policy of a socket, whose directions come after the others. */
    public static Optional<XfrmPolicy> policy(NetlinkMessage message) {
        ByteBuffer payload = message.payload();
        if (message.type() != NEWPOLICY || payload.get(POLICY_DIRECTION) >= Direction.values().length) {
            return Optional.empty();
        }
        Attributes attributes = Attributes.parse(payload, POLICY);
        return Optional.of(new XfrmPolicy(
                Direction.values()[payload.get(POLICY_DIRECTION)],
                selector(payload),
                Integer.toUnsignedLong(payload.getInt(POLICY_PRIORITY)),
                payload.get(POLICY_ACTION) == 0 ? Action.ALLOW : Action.BLOCK,
                ifId(attributes),
                mark(attributes),
                attributes.find(XFRMA_TMPL).map(all -> templates(all.value())).orElse(List.of()),
                others(payload, attributes)));
    }

    private static Selector selector(ByteBuffer payload) {
        boolean v6 = payload.getShort(40) == AF_INET6;
        return new Selector(
                prefix(payload, 16, v6, Byte.toUnsignedInt(payload.get(43))),
                prefix(payload, 0, v6, Byte.toUnsignedInt(payload.get(42))),
                Byte.toUnsignedInt(payload.get(44)),
                ports(payload, 36),
                ports(payload, 32));
    }

    private static Ports ports(ByteBuffer payload, int offset) {
        ByteBuffer network = payload.duplicate().order(ByteOrder.BIG_ENDIAN);
        return new Ports(
                Short.toUnsignedInt(network.getShort(offset)), Short.toUnsignedInt(network.getShort(offset + 2)));
    }

    private static List<Template> templates(ByteBuffer all) {
        List<Template> templates = new ArrayList<>();
        for (int at = 0; at + TEMPLATE <= all.limit(); at += TEMPLATE) {
            ByteBuffer one = all.slice(at, TEMPLATE).order(ByteOrder.nativeOrder());
            boolean v6 = one.getShort(24) == AF_INET6;
            templates.add(new Template(
                    address(one, 28, v6),
                    address(one, 0, v6),
                    Byte.toUnsignedInt(one.get(20)),
                    Integer.toUnsignedLong(one.getInt(44)),
                    Byte.toUnsignedInt(one.get(48))));
        }
        return templates;
    }

    /** What the kernel tells policies apart by that the record has no field for. */
    private static String others(ByteBuffer payload, Attributes attributes) {
        List<String> found = new ArrayList<>();
        int link = payload.getInt(48);
        if (link != 0) {
            found.add("link " + link);
        }
        int user = payload.getInt(52);
        if (user != 0) {
            found.add("uid " + Integer.toUnsignedString(user));
        }
        attributes.u8(XFRMA_POLICY_TYPE).stream()
                .filter(type -> type != 0)
                .forEach(type -> found.add("sub-policy " + type));
        attributes
                .bytes(XFRMA_SEC_CTX)
                .map(bytes -> new String(
                                bytes, SECURITY_CONTEXT, bytes.length - SECURITY_CONTEXT, StandardCharsets.UTF_8)
                        .replace("\0", ""))
                .ifPresent(context -> found.add("context " + context));
        return String.join(" ", found);
    }

    /** Removes a policy that was dumped: by its index, and what else the kernel compares (struct xfrm_userpolicy_id). */
    static NetlinkRequest delete(NetlinkMessage dumped) {
        ByteBuffer payload = dumped.payload();
        NetlinkRequest request = new NetlinkRequest(DELPOLICY, NetlinkMessage.F_ACK);
        for (int i = 0; i < SELECTOR; i++) {
            request.u8(payload.get(i));
        }
        request.u32(payload.getInt(POLICY_INDEX)).u8(payload.get(POLICY_DIRECTION), 0, 0, 0);
        Attributes.parse(payload, POLICY).all().stream()
                .filter(attribute -> POLICY_IDENTITY.contains(attribute.type()))
                .forEach(attribute -> request.attribute(attribute.type(), attribute.bytes()));
        return request;
    }

    /** A state; empty where the message is something else. */
    public static Optional<XfrmState> state(NetlinkMessage message) {
        if (message.type() != NEWSA) {
            return Optional.empty();
        }
        ByteBuffer payload = message.payload();
        Attributes attributes = Attributes.parse(payload, STATE);
        boolean v6 = payload.getShort(STATE_FAMILY) == AF_INET6;
        long used = payload.getLong(STATE_BYTES + 24);
        return Optional.of(new XfrmState(
                address(payload, STATE_SOURCE, v6),
                address(payload, STATE_ID, v6),
                Integer.toUnsignedLong(
                        payload.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(STATE_ID + 16)),
                Byte.toUnsignedInt(payload.get(STATE_ID + 20)),
                Integer.toUnsignedLong(payload.getInt(STATE_REQID)),
                Byte.toUnsignedInt(payload.get(STATE_MODE)),
                ifId(attributes),
                mark(attributes),
                Instant.ofEpochSecond(payload.getLong(STATE_BYTES + 16)),
                used == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(used)),
                payload.getLong(STATE_BYTES),
                payload.getLong(STATE_BYTES + 8)));
    }

    /** Removes a state (struct xfrm_usersa_id). */
    static NetlinkRequest delete(XfrmState state) {
        NetlinkRequest request = new NetlinkRequest(DELSA, NetlinkMessage.F_ACK);
        for (byte each : sixteen(state.destination())) {
            request.u8(each);
        }
        int spi = (int) state.spi();
        request.u8(spi >>> 24, spi >>> 16, spi >>> 8, spi)
                .u16(state.destination().v6() ? AF_INET6 : AF_INET)
                .u8(state.protocol(), 0)
                .attribute(XFRMA_SRCADDR, sixteen(state.source()));
        state.mark()
                .ifPresent(mark -> request.attribute(
                        XFRMA_MARK,
                        ByteBuffer.allocate(8)
                                .order(ByteOrder.nativeOrder())
                                .putInt((int) mark.value())
                                .putInt((int) mark.mask())
                                .array()));
        return request;
    }

    /** xfrm_address_t. */
    private static byte[] sixteen(IpPrefix address) {
        return Arrays.copyOf(address.bytes(), 16);
    }

    private static long ifId(Attributes attributes) {
        return Integer.toUnsignedLong(attributes.i32(XFRMA_IF_ID).orElse(0));
    }

    private static Optional<XfrmMark> mark(Attributes attributes) {
        return attributes
                .find(XFRMA_MARK)
                .map(mark -> new XfrmMark(
                        Integer.toUnsignedLong(mark.value().getInt(0)),
                        Integer.toUnsignedLong(mark.value().getInt(4))));
    }

    private static IpPrefix address(ByteBuffer bytes, int offset, boolean v6) {
        return prefix(bytes, offset, v6, v6 ? 128 : 32);
    }

    private static IpPrefix prefix(ByteBuffer bytes, int offset, boolean v6, int length) {
        byte[] address = new byte[v6 ? 16 : 4];
        bytes.get(offset, address);
        return IpPrefix.of(address, length);
    }
}
