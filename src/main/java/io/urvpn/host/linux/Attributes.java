package io.urvpn.host.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Attributes of a netlink message (struct nlattr), in native byte order. Where a type occurs twice the last one counts. */
public final class Attributes {
    private static final int HEADER = 4;
    /** NLA_TYPE_MASK: without the flags for nesting and network byte order. */
    private static final int TYPE_MASK = 0x3fff;

    /** One of them. */
    public record Attribute(int type, ByteBuffer value) {
        /** Its bytes. */
        public byte[] bytes() {
            byte[] bytes = new byte[value.remaining()];
            value.duplicate().get(bytes);
            return bytes;
        }

        /** The attributes inside it. */
        public Attributes nested() {
            return parse(value, 0);
        }
    }

    private final List<Attribute> all;

    private Attributes(List<Attribute> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Those from an offset on.
     *
     * @throws IllegalArgumentException where a length does not fit
     */
    public static Attributes parse(ByteBuffer payload, int offset) {
        ByteBuffer bytes = payload.duplicate().order(ByteOrder.nativeOrder());
        List<Attribute> found = new ArrayList<>();
        int at = bytes.position() + offset;
        while (bytes.limit() - at >= HEADER) {
            int length = Short.toUnsignedInt(bytes.getShort(at));
            if (length < HEADER || length > bytes.limit() - at) {
                throw new IllegalArgumentException(
                        "a netlink attribute of " + length + " bytes where " + (bytes.limit() - at) + " are left");
            }
            int type = bytes.getShort(at + 2) & TYPE_MASK;
            found.add(new Attribute(
                    type, bytes.slice(at + HEADER, length - HEADER).order(ByteOrder.nativeOrder())));
            at += NetlinkMessage.align(length);
        }
        return new Attributes(found);
    }

    /** All, in the order of the message. */
    public List<Attribute> all() {
        return all;
    }

    /** The last one of that type. */
    public Optional<Attribute> find(int type) {
        return all.stream().filter(attribute -> attribute.type == type).reduce((first, second) -> second);
    }

    /** Its bytes. */
    public Optional<byte[]> bytes(int type) {
        return find(type).map(Attribute::bytes);
    }

    /** A number of 8 bits, unsigned. */
    public OptionalInt u8(int type) {
        return number(type, 1, value -> Byte.toUnsignedInt(value.get(0)));
    }

    /** A number of 16 bits, unsigned. */
    public OptionalInt u16(int type) {
        return number(type, 2, value -> Short.toUnsignedInt(value.getShort(0)));
    }

    /** A number of 32 bits, as Java's signed int. */
    public OptionalInt i32(int type) {
        return number(type, 4, value -> value.getInt(0));
    }

    private OptionalInt number(int type, int size, java.util.function.ToIntFunction<ByteBuffer> read) {
        return find(type)
                .filter(attribute -> attribute.value.remaining() >= size)
                .map(attribute -> OptionalInt.of(read.applyAsInt(attribute.value)))
                .orElse(OptionalInt.empty());
    }

    /** A string, with or without the zero at its end. */
    public Optional<String> text(int type) {
        return bytes(type).map(bytes -> {
            int length = bytes.length;
            while (length > 0 && bytes[length - 1] == 0) {
                length--;
            }
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        });
    }

    /** The attributes inside one; none where it is not there. */
    public Attributes nested(int type) {
        return find(type).map(Attribute::nested).orElse(new Attributes(List.of()));
    }
}
