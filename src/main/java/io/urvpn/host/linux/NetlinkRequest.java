package io.urvpn.host.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A netlink request as it is put together: first the fields of its own header, then attributes. */
public final class NetlinkRequest {
    /** NLA_F_NESTED. */
    private static final int NESTED = 0x8000;

    private static final int MAX_ATTRIBUTE = 0xffff;

    private final int type;
    private final int flags;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /**
     * An empty one.
     *
     * @param type such as RTM_NEWROUTE
     * @param flags NLM_F_* beside NLM_F_REQUEST, which is always there
     */
    public NetlinkRequest(int type, int flags) {
        this.type = type;
        this.flags = flags | NetlinkMessage.F_REQUEST;
    }

    /** Fields of 8 bits. */
    public NetlinkRequest u8(int... values) {
        for (int value : values) {
            body.write(value);
        }
        return this;
    }

    /** A field of 16 bits. */
    public NetlinkRequest u16(int value) {
        return raw(number(2).putShort((short) value).array());
    }

    /** A field of 32 bits. */
    public NetlinkRequest u32(int value) {
        return raw(number(4).putInt(value).array());
    }

    /** An attribute of 8 bits. */
    public NetlinkRequest attributeU8(int attribute, int value) {
        return attribute(attribute, new byte[] {(byte) value});
    }

    /** An attribute of 16 bits. */
    public NetlinkRequest attributeU16(int attribute, int value) {
        return attribute(attribute, number(2).putShort((short) value).array());
    }

    /** An attribute of 32 bits. */
    public NetlinkRequest attributeU32(int attribute, int value) {
        return attribute(attribute, number(4).putInt(value).array());
    }

    /** A string, with a zero at its end. */
    public NetlinkRequest attributeText(int attribute, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attribute(attribute, java.util.Arrays.copyOf(text, text.length + 1));
    }

    /** Attributes inside an attribute. */
    public NetlinkRequest nested(int attribute, Consumer<NetlinkRequest> inside) {
        NetlinkRequest inner = new NetlinkRequest(0, 0);
        inside.accept(inner);
        return attribute(attribute | NESTED, inner.body.toByteArray());
    }

    /** An attribute of any bytes. */
    public NetlinkRequest attribute(int attribute, byte[] value) {
        if (value.length + 4 > MAX_ATTRIBUTE) {
            throw new IllegalArgumentException(
                    "attribute " + attribute + " has " + value.length + " bytes; at most " + (MAX_ATTRIBUTE - 4));
        }
        pad();
        raw(number(4)
                .putShort((short) (value.length + 4))
                .putShort((short) attribute)
                .array());
        raw(value);
        pad();
        return this;
    }

    private void pad() {
        while (body.size() % 4 != 0) {
            body.write(0);
        }
    }

    private NetlinkRequest raw(byte[] bytes) {
        body.write(bytes, 0, bytes.length);
        return this;
    }

    private static ByteBuffer number(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }

    /** The whole message. */
    public byte[] encode(int sequence) {
        int length = NetlinkMessage.HEADER + body.size();
        return number(length)
                .putInt(length)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0)
                .put(body.toByteArray())
                .array();
    }
}
