package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.host.WireGuardDevices.Peer;
import io.urvpn.host.linux.Uapi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UapiTest {
    private static final String KEY = "b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33";
    private static final String OTHER_KEY = "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376";
    private static final String SECRET = "e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a";

    private static List<Peer> parse(String answer) throws IOException {
        return Uapi.parse(answer.getBytes(StandardCharsets.UTF_8));
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }

    @Test
    void peersHaveWhatTheDaemonSays() throws IOException {
        String answer = """
                private_key=%s
                listen_port=12912
                public_key=%s
                preshared_key=%s
                endpoint=[abcd:23::33%%2]:51820
                last_handshake_time_sec=1793491200
                last_handshake_time_nsec=500000000
                tx_bytes=38333
                rx_bytes=2224
                persistent_keepalive_interval=111
                allowed_ip=192.168.4.4/32
                protocol_version=1
                public_key=%s
                last_handshake_time_sec=0
                last_handshake_time_nsec=0
                errno=0

                """.formatted(SECRET, KEY, SECRET, OTHER_KEY);
        assertThat(parse(answer))
                .containsExactly(
                        new Peer(
                                base64(KEY),
                                "[abcd:23::33%2]:51820",
                                Optional.of(Instant.ofEpochSecond(1793491200L, 500_000_000)),
                                2224,
                                38333,
                                111),
                        new Peer(base64(OTHER_KEY), "", Optional.empty(), 0, 0, 0));
        assertThat(parse(answer).toString()).doesNotContain(SECRET).doesNotContain(base64(SECRET));
    }

    @Test
    void aDeviceWithoutPeersHasNone() throws IOException {
        assertThat(parse("listen_port=1\nerrno=0\n\n")).isEmpty();
    }

    @Test
    void anErrorIsOne() {
        assertThatThrownBy(() -> parse("errno=-22\n\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("-22");
    }
}
