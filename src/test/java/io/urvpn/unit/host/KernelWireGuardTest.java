package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.host.WireGuardDevices.Peer;
import io.urvpn.host.linux.KernelWireGuard;
import io.urvpn.host.linux.NetlinkMessage;
import io.urvpn.host.linux.NetlinkRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Messages laid out as linux/wireguard.h describes them; the kernel of a test machine often has no WireGuard. */
class KernelWireGuardTest {
    private static final byte[] ONE = filled(1);
    private static final byte[] TWO = filled(2);

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.nativeOrder());
        Arrays.stream(values).forEach(bytes::putLong);
        return bytes.array();
    }

    private static NetlinkMessage device(Consumer<NetlinkRequest> peers) {
        byte[] bytes = new NetlinkRequest(30, 2)
                .u8(0, 1)
                .u16(0)
                .attributeText(2, "urv0")
                .attribute(3, filled(9))
                .nested(8, peers)
                .encode(1);
        return NetlinkMessage.parse(ByteBuffer.wrap(bytes)).getFirst();
    }

    @Test
    void peersAreReadAndOneThatGoesOnInTheNextMessageIsOne() {
        byte[] v4 = HexFormat.of().parseHex("0200ca6cc00002010000000000000000");
        byte[] v6 = HexFormat.of().parseHex("0a00ca6c00000000fd00000000000000000000000000000100000000");
        NetlinkMessage first = device(peers -> peers.nested(
                        0,
                        peer -> peer.attribute(1, ONE)
                                .attribute(2, filled(8))
                                .attribute(4, v4)
                                .attributeU16(5, 25)
                                .attribute(6, longs(1793491200L, 5))
                                .attribute(7, longs(1L << 40))
                                .attribute(8, longs(2)))
                .nested(0, peer -> peer.attribute(1, TWO).attribute(4, v6).attribute(6, longs(0, 0))));
        NetlinkMessage second = device(peers -> peers.nested(0, peer -> peer.attribute(1, TWO)));

        assertThat(KernelWireGuard.parse(List.of(first, second)))
                .containsExactly(
                        new Peer(
                                Base64.getEncoder().encodeToString(ONE),
                                "192.0.2.1:51820",
                                Optional.of(Instant.ofEpochSecond(1793491200L, 5)),
                                1L << 40,
                                2,
                                25),
                        new Peer(
                                Base64.getEncoder().encodeToString(TWO), "[fd00::1]:51820", Optional.empty(), 0, 0, 0));
    }

    @Test
    void aDeviceWithoutPeersHasNone() {
        assertThat(KernelWireGuard.parse(List.of(device(peers -> {})))).isEmpty();
    }
}
