package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.host.linux.Attributes;
import io.urvpn.host.linux.NetlinkMessage;
import io.urvpn.host.linux.NetlinkRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes are those of a little-endian machine, which all that Kubernetes runs on but s390x are. */
class NetlinkBytesTest {
    @Test
    void aRequestHasItsHeaderItsFieldsAndPaddedAttributes() {
        byte[] bytes = new NetlinkRequest(24, 0x604)
                .u8(2, 16, 0, 0, 0, 200, 253, 1)
                .u32(0)
                .attribute(1, new byte[] {10, 1, 0, 0})
                .attributeU8(21, 200)
                .attributeText(3, "urv0")
                .nested(18, inner -> inner.attributeU16(1, 0x1234))
                .encode(7);

        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("""
                        44000000 1800 0506 07000000 00000000
                        02 10 00 00 00 c8 fd 01 00000000
                        0800 0100 0a010000
                        0500 1500 c8 000000
                        0900 0300 7572763000 000000
                        0c00 1280 0600 0100 3412 0000""".replaceAll("\\s", ""));
        assertThat(bytes).hasSize(0x44);
    }

    @Test
    void messagesAndAttributesAreReadBack() {
        byte[] first = new NetlinkRequest(24, 0)
                .attributeU32(15, -1)
                .attributeText(3, "x")
                .encode(3);
        byte[] second = new NetlinkRequest(3, 2).u32(0).encode(4);
        ByteBuffer datagram = ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .flip();

        List<NetlinkMessage> messages = NetlinkMessage.parse(datagram);
        assertThat(messages).extracting(NetlinkMessage::type).containsExactly(24, 3);
        assertThat(messages).extracting(NetlinkMessage::sequence).containsExactly(3, 4);
        Attributes attributes = Attributes.parse(messages.getFirst().payload(), 0);
        assertThat(attributes.i32(15)).hasValue(-1);
        assertThat(attributes.text(3)).contains("x");
        assertThat(attributes.u8(4)).isEmpty();
        assertThat(attributes.nested(18).all()).isEmpty();
    }

    @Test
    void lengthsThatDoNotFitAreRefused() {
        ByteBuffer tooLong =
                ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putInt(0, 17);
        ByteBuffer tooShort =
                ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putInt(0, 15);
        ByteBuffer attribute =
                ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putShort(0, (short) 9);

        assertThatThrownBy(() -> NetlinkMessage.parse(tooLong)).hasMessageContaining("17");
        assertThatThrownBy(() -> NetlinkMessage.parse(tooShort)).hasMessageContaining("15");
        assertThatThrownBy(() -> Attributes.parse(attribute, 0)).hasMessageContaining("9");
        byte[] large = new byte[70_000];
        NetlinkRequest request = new NetlinkRequest(1, 0);
        assertThatThrownBy(() -> request.attribute(1, large)).hasMessageContaining("70000");
    }
}
