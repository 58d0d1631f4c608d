package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.agent.Curve25519;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Curve25519Test {
    /** RFC 7748, 6.1: the keys of Alice and Bob. */
    @ParameterizedTest
    @CsvSource({
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a,8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb,de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    })
    void aPublicKeyIsWhatTheRfcSays(String privateKey, String publicKey) {
        assertThat(HexFormat.of().formatHex(Curve25519.publicKey(HexFormat.of().parseHex(privateKey))))
                .isEqualTo(publicKey);
    }

    @Test
    void aPublicKeyIsWhatWgPubkeySays() {
        byte[] key = Base64.getDecoder().decode("yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=");
        assertThat(Base64.getEncoder().encodeToString(Curve25519.publicKey(key)))
                .isEqualTo("HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=");
    }

    @RepeatedTest(20)
    void aNewKeyIsClamped() {
        byte[] key = Curve25519.newPrivateKey();
        assertThat(key).hasSize(32).isNotEqualTo(Curve25519.newPrivateKey());
        assertThat(key[0] & 0x07).isZero();
        assertThat(key[31] & 0xc0).isEqualTo(0x40);
    }

    @Test
    void aKeyOfAnotherLengthIsNone() {
        assertThatThrownBy(() -> Curve25519.publicKey(new byte[31])).hasMessageContaining("not 31");
    }
}
