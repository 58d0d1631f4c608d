package io.urvpn.unit.tunnel;

import static io.urvpn.unit.tunnel.OpenVpnSamples.INLINE;
import static io.urvpn.unit.tunnel.OpenVpnSamples.KEY;
import static io.urvpn.unit.tunnel.OpenVpnSamples.KEY_BODY;
import static io.urvpn.unit.tunnel.OpenVpnSamples.WITH_KEYS;
import static io.urvpn.unit.tunnel.OpenVpnSamples.WITH_NAME;
import static io.urvpn.unit.tunnel.OpenVpnSamples.bytes;
import static io.urvpn.unit.tunnel.OpenVpnSamples.secret;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.tunnel.OpenVpnParser;
import io.urvpn.tunnel.TunnelConfiguration;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import java.util.Base64;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenVpnParserTest {
    private final Map<String, byte[]> secret = secret();

    private TunnelConfiguration read(String text) {
        Parsed parsed = OpenVpnParser.parse(text, secret);
        assertThat(parsed).isInstanceOf(Accepted.class);
        return ((Accepted) parsed).configuration();
    }

    private String problem(String text) {
        Parsed parsed = OpenVpnParser.parse(text, secret);
        assertThat(parsed).as(text).isInstanceOf(Refused.class);
        return ((Refused) parsed).problem().toString();
    }

    @Test
    void readsAFileThatHasEverythingInBlocks() {
        TunnelConfiguration read = read(INLINE);
        assertThat(read.remotes()).containsExactly("vpn.example.com", "2001:db8::1");
        assertThat(read.mtu()).isEqualTo(OptionalInt.of(1420));
        assertThat(read.addresses()).isEmpty();
        assertThat(read.files()).isEmpty();
    }

    @Test
    void readsAFileThatNamesKeysOfTheSecret() {
        TunnelConfiguration read = read(WITH_KEYS);
        assertThat(read.remotes()).containsExactly("my-server-1");
        assertThat(read.mtu()).isEmpty();
        assertThat(read.files()).containsExactly("ca.crt", "client.crt", "client.key", "ta.key");
    }

    @Test
    void readsAFileWithAUserNameAndConnections() {
        TunnelConfiguration read = read(WITH_NAME);
        assertThat(read.remotes()).containsExactly("203.0.113.7", "gateway.example.net");
        assertThat(read.files()).containsExactly("login");
    }

    @Test
    void readsWhatWindowsWritesAndWhatNoLineEndsWith() {
        assertThat(read("\uFEFF" + INLINE.replace("\n", "\r\n")).identity())
                .isEqualTo(read(INLINE).identity());
        assertThat(read(WITH_KEYS.stripTrailing()).files()).hasSize(4);
    }

    @Test
    void aProxyCountsAsWhereThePacketsGo() {
        assertThat(read(INLINE + "http-proxy proxy.example.com 3128\n").remotes())
                .contains("proxy.example.com");
    }

    @Test
    void theIdentityIsThePrivateKeyWhereverItStands() {
        String identity = read(WITH_KEYS).identity();
        assertThat(identity).matches("[0-9a-f]{64}").isEqualTo(read(INLINE).identity());
        secret.put("client.key", bytes("Key of branch 7\r\n" + KEY.replace("\n", "\r\n")));
        assertThat(read(WITH_KEYS).identity()).isEqualTo(identity);
        secret.put("client.key", bytes(KEY.replace("MIGH", "MIGI")));
        assertThat(read(WITH_KEYS).identity()).isNotEqualTo(identity);
    }

    @Test
    void withoutAKeyTheIdentityIsTheUserNameWhateverItsPasswordOrPeer() {
        String identity = read(WITH_NAME).identity();
        secret.put("login", bytes("branch7\r\nchanged\r\n"));
        assertThat(read(WITH_NAME.replace("203.0.113.7", "203.0.113.8")).identity())
                .isEqualTo(identity);
        assertThat(read(WITH_NAME.replace(
                                "auth-user-pass login", "<auth-user-pass>\nbranch7\nchanged\n</auth-user-pass>"))
                        .identity())
                .isEqualTo(identity);
        secret.put("login", bytes("branch8\nchanged\n"));
        assertThat(read(WITH_NAME).identity()).isNotEqualTo(identity);
    }

    @Test
    void aContainerIsTheIdentityAsKeyAndAsBlock() {
        byte[] container = {0x30, 0x02, 0x05, 0x00, 0x7f};
        secret.put("client.p12", container);
        String base = "client\nremote h\nremote-cert-tls server\n";
        String block = Base64.getEncoder().encodeToString(container);
        assertThat(read(base + "pkcs12 client.p12\n").identity())
                .isEqualTo(read(base + "<pkcs12>\n" + block + "\n</pkcs12>\n").identity());
        assertThat(problem(base + "<pkcs12>\n?\n</pkcs12>\n")).contains("line 4: pkcs12", "base64");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "client             | #                    | client",
                "remote my-server-1 1194 | #               | there is no remote",
                "ca ca.crt          | #                    | there is no ca",
                "remote-cert-tls server | #                | remote-cert-tls server",
                "key client.key     | #                    | cert and key belong together",
                "cert \"client.crt\"  | #                    | cert and key belong together",
                "ca ca.crt          | ca other.crt          | line 16: ca names other.crt",
                "ca ca.crt          | ca sub/ca.crt         | line 16: ca must name a key",
                "ca ca.crt          | ca ..                 | line 16: ca must name a key",
                "ca ca.crt          | ca \"ca crt\"           | line 16: ca must name a key",
                "ca ca.crt          | ca                    | line 16: ca must be followed by a key of the Secret",
                "mute 20            | auth-user-pass        | line 24: auth-user-pass must be followed by a key",
                "mute 20            | ca ca.crt             | line 24: ca stands in line 16 already",
                "mute 20            | tun-mtu 100           | line 24: tun-mtu must be a number of bytes from 576",
                "mute 20            | tun-mtu 70000         | line 24: tun-mtu must be a number of bytes from 576",
                "mute 20            | remote h 0            | line 24: remote must be followed by",
                "mute 20            | remote h 65536        | line 24: remote must be followed by",
                "mute 20            | verb 7                | line 24: verb must be followed by a number from 0 to 6",
                "mute 20            | nobind now            | line 24: nobind must stand alone",
                "mute 20            | nobind ''             | line 24: nobind must stand alone",
                "mute 20            | Nobind                | line 24: does not begin with a directive",
                "mute 20            | data-ciphers AES-256-GCM:none | line 24: data-ciphers must be followed by",
                "mute 20            | block-outside-dns     | line 24: block-outside-dns is for Windows",
                "mute 20            | verb \"3              | line 24: has a quotation that is not closed",
                "mute 20            | verb 3\\              | line 24: verb must be followed by",
                "mute 20            | verb \\3              | line 24: has a backslash",
                "mute 20            | <extra-certs>         | line 24: begins a block that does not end",
                "mute 20            | setenv opt            | line 24: setenv opt must be followed by",
                "mute 20            | a b c d e f g h i j k l m n o p q | line 24: has more than 16 words",
                "mute 20            | setenv PATH x         | line 24: setenv must be followed by",
                "mute 20            | route 10.0.0.0        | spec.routes",
                "mute 20            | http-proxy h 1 login  | password for a proxy",
                "mute 20            | keysize 256           | not known to OpenVPN 2.6 any more",
            })
    void whatIsMissingOrWrongIsSaidWithItsLine(String present, String changed, String message) {
        assertThat(problem(WITH_KEYS.replace(present + "\n", changed + "\n"))).contains(message);
    }

    @Test
    void aUserNameWithoutItsPasswordIsRefused() {
        secret.put("login", bytes("branch7\n"));
        assertThat(problem(WITH_NAME)).contains("line 11: auth-user-pass", "password on its second");
        secret.put("login", bytes("\nhunter2-secret\n"));
        assertThat(problem(WITH_NAME)).contains("line 11").doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES\n\nMIIF\n-----END RSA PRIVATE KEY-----\n"
            })
    void anEncryptedKeyNeedsItsPasswordInTheSecret(String encrypted) {
        secret.put("client.key", bytes(encrypted));
        assertThat(problem(WITH_KEYS)).contains("line 18: key is encrypted", "askpass");
        secret.put("password", bytes("hunter2\n"));
        assertThat(read(WITH_KEYS + "askpass password\n").files()).contains("password");
    }

    @Test
    void aKeyThatIsNoneIsRefusedAndNotShown() {
        secret.put("client.key", bytes(KEY_BODY));
        assertThat(problem(WITH_KEYS))
                .contains("line 18: key holds no private key")
                .doesNotContain("MIGH");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                KEY_BODY,
                "key " + KEY_BODY + "/x",
                "key " + KEY_BODY + " " + KEY_BODY,
                "auth-user-pass hunter2 hunter2",
                "hunter2",
                "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
                "setenv PASSWORD hunter2",
                "<password>\nhunter2\n</password>",
                "\"hunter2",
                "auth-token hunter2",
                "http-proxy-user-pass hunter2"
            })
    void whatMayBeASecretInTheWrongPlaceIsNotShown(String line) {
        assertThat(problem(WITH_NAME + line + "\n")).startsWith("line 24: ").doesNotContain("MIGH", "hunter2", "e1a2");
    }

    @Test
    void aServersCertificateCanBePinnedInsteadOfTrustingACa() {
        String print = "AB:".repeat(31) + "cd";
        String pinned = WITH_KEYS.replace("ca ca.crt\n", "").replace("remote-cert-tls server\n", "");
        assertThat(read(pinned + "peer-fingerprint " + print + "\n").files()).hasSize(3);
        assertThat(read(pinned + "<peer-fingerprint>\n# old\n" + print + "\n\n" + print + "\n</peer-fingerprint>\n")
                        .files())
                .hasSize(3);
        assertThat(problem(pinned + "<peer-fingerprint>\n</peer-fingerprint>\n"))
                .contains("empty");
        assertThat(problem(pinned + "<peer-fingerprint>\nAB:CD\n</peer-fingerprint>\n"))
                .contains("line 24: peer-fingerprint must be followed by");
    }

    @Test
    void aConnectionHasOneRemoteAndNothingThatIsNotItsOwn() {
        assertThat(problem(WITH_NAME.replace("remote 203.0.113.7 1194 udp", "#")))
                .contains("line 4", "one remote");
        assertThat(problem(WITH_NAME.replace("connect-timeout 10", "auth-nocache")))
                .contains("line 6: auth-nocache belongs before or behind");
    }

    @Test
    void aLineThatOpenVpnWouldReadInPiecesIsRefused() {
        assertThat(read(WITH_KEYS + "#" + "x".repeat(253) + "\n").files()).hasSize(4);
        assertThat(problem(WITH_KEYS + "#" + "x".repeat(254) + "\n")).contains("line 25: has 255 bytes");
        assertThat(problem(WITH_KEYS + "#" + "ä".repeat(127) + "\n")).contains("line 25: has 255 bytes");
        assertThat(problem(WITH_KEYS + "# \uFFFD\n")).contains("line 25", "no UTF-8");
    }

    @Test
    void onlyWhatOpenVpnTakesForASpaceEndsABlock() {
        assertThat(problem(INLINE.replace("</ca>", "\u2003</ca>"))).contains("line 22: begins a block");
        assertThat(problem(INLINE.replace("</ca>", "</ca> # done"))).contains("line 26: has text behind");
    }
}
