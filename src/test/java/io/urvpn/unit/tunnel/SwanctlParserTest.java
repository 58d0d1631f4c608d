package io.urvpn.unit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.tunnel.SwanctlParser;
import io.urvpn.tunnel.TunnelConfiguration;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwanctlParserTest {
    private final Map<String, byte[]> secret = SwanctlSamples.secret();

    private TunnelConfiguration accepted(String text) {
        var parsed = SwanctlParser.parse(text, secret);
        assertThat(parsed).as(text).isInstanceOf(Accepted.class);
        return ((Accepted) parsed).configuration();
    }

    private String refused(String text) {
        var parsed = SwanctlParser.parse(text, secret);
        assertThat(parsed).as(text).isInstanceOf(Refused.class);
        return ((Refused) parsed).problem().toString();
    }

    @Test
    void aSharedSecret() {
        TunnelConfiguration read = accepted(SwanctlSamples.PSK);
        assertThat(read.addresses()).isEmpty();
        assertThat(read.mtu()).isEmpty();
        assertThat(read.remotes()).containsExactly("vpn.example.com", "2001:db8::1");
        assertThat(read.files()).isEmpty();
        assertThat(read.toString()).doesNotContain(SwanctlSamples.SHARED_SECRET);
    }

    @Test
    void certificatesAreKeysOfTheSecret() {
        assertThat(accepted(SwanctlSamples.CERTIFICATE).files()).containsExactly("ca.pem", "node-1.key", "node-1.pem");
        assertThat(accepted(SwanctlSamples.EAP).files()).containsExactly("alice.password", "ca.pem");
    }

    @Test
    void linesOfWindowsAndNoLineAtTheEndAreTheSame() {
        assertThat(accepted(SwanctlSamples.PSK.replace("\n", "\r\n"))).isEqualTo(accepted(SwanctlSamples.PSK));
        assertThat(accepted(SwanctlSamples.PSK.strip())).isEqualTo(accepted(SwanctlSamples.PSK));
    }

    @Test
    void aContainerHasKeyAndCertificate() {
        String text = SwanctlSamples.CERTIFICATE
                .replace("local { certs = node-1.pem }", "local { }")
                .replace("cacerts = ca.pem", "")
                .replace("private {", "pkcs12-one {")
                .replace("node-1.key", "node-1.p12\nsecret = \"pass word\"");
        assertThat(accepted(text).files()).containsExactly("node-1.p12");
    }

    @Test
    void theIdentityIsWhatThePeerKnowsTheNodeBy() {
        String psk = accepted(SwanctlSamples.PSK).identity();
        assertThat(accepted(SwanctlSamples.PSK.replace(SwanctlSamples.SHARED_SECRET, "another"))
                        .identity())
                .as("the same id is the same node")
                .isEqualTo(psk);
        assertThat(accepted(SwanctlSamples.PSK.replace("node-1@", "node-2@")).identity())
                .isNotEqualTo(psk);
        String certificate = accepted(SwanctlSamples.CERTIFICATE).identity();
        assertThat(accepted(SwanctlSamples.CERTIFICATE.replace("node-1.pem", "node-2.pem"))
                        .identity())
                .isNotEqualTo(certificate);
        assertThat(accepted(SwanctlSamples.CERTIFICATE.replace("node-1.pem", "ca.pem"))
                        .identity())
                .as("what stands around a certificate is not it")
                .isEqualTo(certificate);
        assertThat(accepted(SwanctlSamples.EAP.replace("eap_id = alice", "eap_id = bob"))
                        .identity())
                .isNotEqualTo(accepted(SwanctlSamples.EAP).identity());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version = 2 | version = 3 | line 4: version must be",
                "version = 2 | local_port = 500 | line 4: local_port",
                "version = 2 | aggressive = yes | line 4: aggressive",
                "version = 2 | if_id_in = 7 | line 4: if_id_in",
                "version = 2 | pools = some | line 4: pools",
                "version = 2 | colour = red | line 4: is nothing that may stand in a connection",
                "2001:db8::1 | %any | line 5: remote_addrs must be",
                "2001:db8::1 | 10.0.0.0/8 | line 5: remote_addrs must be",
                "aes256-sha256-modp2048 | null-sha256-modp2048 | line 7: proposals must be",
                "auth = psk | auth = none | line 10: auth must be",
                "id = node-1@example.com # | # | line 9: begins a section local that does not say who the node is",
                "id = node-1@example.com # | id = %any # | line 11: id must be",
                "esp_proposals = aes256gcm16-ecp384 | esp_proposals = aes128-sha256, null-sha256 | line 18: esp_proposals",
                "esp_proposals = aes256gcm16-ecp384 | esp_proposals = aes128gmac | line 18: esp_proposals",
                "esp_proposals = aes256gcm16-ecp384 | esp_proposals = aes128-null,aes128 | line 18: esp_proposals",
                "esp_proposals = aes256gcm16-ecp384 | ah_proposals = sha256 | line 18: ah_proposals does not encrypt",
                "ike-office { | ike-office : other { | line 25: refers to another section",
                "ike-office { | token { | line 25: token is for smart cards",
                "ike-office { | ppk-1 { | line 25: ppk is not supported",
                "ike-office { | eap { | line 9: begins a section local for which secrets has nothing",
                "secrets { | include x | line 24: include would read",
                "secrets { | secrets, x { | line 24: must have a '{'",
                "secrets { | pools { | line 24: pools",
                "secrets { | authorities { | line 24: authorities",
            })
    void isRefusedWithLineAndReason(String good, String bad, String message) {
        assertThat(SwanctlSamples.PSK).contains(good);
        assertThat(refused(SwanctlSamples.PSK.replaceFirst(Pattern.quote(good), bad)))
                .startsWith(message)
                .doesNotContain(SwanctlSamples.SHARED_SECRET);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "certs = node-1.pem | certs = /etc/passwd | line 4: certs must name a key of the Secret, without a path",
                "certs = node-1.pem | certs = .. | line 4: certs must name a key",
                "certs = node-1.pem | certs = other.pem | line 4: certs names other.pem, which is no key",
                "certs = node-1.pem | certs = empty | line 4: certs is empty",
                "certs = node-1.pem | id = node-1 | line 4: begins a section local without certs",
                "certs = node-1.pem | cert1 { file = node-1.pem } | line 4: cert is not supported",
                "certs = node-1.pem | pubkeys = node-1.pem | line 4: pubkeys is not supported",
                "cacerts = ca.pem | | line 5: begins a section remote without cacerts",
                "id = vpn.example.com | | line 5: begins a section remote whose id nothing tells",
                "id = vpn.example.com | id = \"CN=*\" | line 5: begins a section remote whose id nothing tells",
                "id = vpn.example.com | groups = some | line 6: groups is for who answers",
                "children { net { } } | | line 2: begins a connection without children",
                "children { net { } } | children { } | line 9: begins children without one",
                "children { net { } } | children { net { updown = /bin/sh } } | line 9: updown would run a program",
                "children { net { } } | children { net { UPDOWN = /bin/sh } } | line 9: UPDOWN would run a program",
                "children { net { } } | children { net { mode = pass } } | line 9: mode must be tunnel",
                "children { net { } } | children { net { mode = drop } } | line 9: mode must be tunnel",
                "children { net { } } | children { net { mode = transport } } | line 9: mode must be tunnel",
                "children { net { } } | children { net { reqid = 4 } } | line 9: reqid",
                "children { net { } } | children { net { a { } } } | line 9: is nothing that may stand in a child",
                "remote_addrs = 192.0.2.1 | | line 2: begins a connection without remote_addrs",
                "file = node-1.key | file = locked.key | line 14: file is encrypted",
                "file = node-1.key | | line 13: begins a section of secrets without file",
            })
    void isRefusedOfOneWithCertificates(String good, String bad, String message) {
        assertThat(SwanctlSamples.CERTIFICATE).contains(good);
        assertThat(refused(SwanctlSamples.CERTIFICATE.replace(good, bad == null ? "" : bad)))
                .startsWith(message);
    }

    /** strongSwan reads each of these, and most of them otherwise than they look. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "children { net {\nupdown\n= /bin/sh } }",
                "children { net {\nupdown =/bin/sh\n} }",
                "children { net\n{ updown = /bin/sh } }",
                "children.net.updown = /bin/sh",
                "children { net.updown = /bin/sh }",
                "children { net { \"updown\" = /bin/sh } }",
                "children { net { } } children { net { updown = /bin/sh } }",
                "children { net { # }\rupdown = /bin/sh\n } }",
                "children { net : other { } }",
                "children { net { mode = tunnel } net { mode = pass } }",
                "children { net { mode = tunnel\nmode = pass } }",
                "children { net { mode = \"pa\\\nss\" } }",
                "children { net { mode = \"pa\\ss\" } }",
                "children { net { mode = PASS } }",
                "children { net { include /etc/passwd\n } }",
                "children { net { include  = /etc/passwd\n } }",
                "children { include {\n } }",
                "children { net { remote_ts = 10.0.0.0/8; updown = x } }",
                "children { net { remote_ts = \"10.0.0.0/8\" updown = x } }",
                "children { net { remote_ts = \"10.0.0.0/8\n\" } }",
                "children { net { remote_ts += 10.0.0.0/8 } }",
                "children { net { remote_ts = 10.0.0.0/8#updown = x\n } }",
                "children { net { remote_ts =\n } }",
                "children { net { mode = tunnel updown = x } }",
                "children { net { } }\u0000",
                "children { net { } }\u000b",
                "children { net { } }\ufeff",
                "children { net { } } }",
                "children { net { } ",
                "a{b{c{d{e{f{g{h{}}}}}}}}",
            })
    void whatIsBeyondTheSmallGrammarIsRefused(String children) {
        assertThat(refused(SwanctlSamples.CERTIFICATE.replace("children { net { } }", children)))
                .startsWith("line ");
    }

    @Test
    void nothingIsNoConfiguration() {
        assertThat(refused("")).startsWith("there is no connection");
        assertThat(refused("# only words\n")).startsWith("there is no connection");
        assertThat(refused("connections = yes")).startsWith("line 1: sets something outside");
        assertThat(refused("connections {\n a = b }")).startsWith("line 2: sets something in connections itself");
    }

    @Test
    void whatIsNoNameIsNotShown() {
        String text = SwanctlSamples.PSK.replace("version = 2", SwanctlSamples.SHARED_SECRET + " = 2");
        assertThat(refused(text)).doesNotContain(SwanctlSamples.SHARED_SECRET);
    }
}
