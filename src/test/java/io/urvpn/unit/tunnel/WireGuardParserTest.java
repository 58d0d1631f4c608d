package io.urvpn.unit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import io.urvpn.tunnel.WireGuardParser;
import java.util.Base64;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireGuardParserTest {
    private static final String PRIVATE = key(7);
    private static final String GOOD = """
            [Interface]
            PrivateKey = %s
            Address = 10.200.0.11/24, fd00:200::11/64
            MTU = 1380

            [Peer] # the office
            PublicKey = %s
            AllowedIPs = 10.200.0.0/24, fd00:200::/64
            Endpoint = 192.0.2.1:51820
            PersistentKeepalive = 25
            """.formatted(PRIVATE, key(9));

    private static String key(int seed) {
        byte[] bytes = new byte[32];
        bytes[5] = (byte) seed;
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String problem(String text) {
        Parsed parsed = WireGuardParser.parse(text);
        assertThat(parsed).isInstanceOf(Refused.class);
        return ((Refused) parsed).problem().toString();
    }

    @Test
    void readsWhatWgAndWgQuickWrite() {
        var read = ((Accepted) WireGuardParser.parse(GOOD)).configuration();
        assertThat(read.addresses())
                .containsExactly(IpPrefix.parse("10.200.0.11/24"), IpPrefix.parse("fd00:200::11/64"));
        assertThat(read.mtu()).isEqualTo(OptionalInt.of(1380));
        assertThat(read.remotes()).containsExactly("192.0.2.1");
    }

    @Test
    void takesTheSettingsOfWgInAnyCaseAndSeveralLinesOfAddresses() {
        var read = ((Accepted) WireGuardParser.parse(GOOD.replace("MTU = 1380", """
                        LISTENPORT=51820
                        fwmark = 0xca6c # decimal would do
                        \tADDRESS = fd00:201::1 \r
                        address=192.0.2.7
                        mtu=1300
                        # Address = 198.51.100.1
                        """))).configuration();
        assertThat(read.addresses())
                .extracting(IpPrefix::toString)
                .containsExactly("10.200.0.11/24", "fd00:200::11/64", "fd00:201::1/128", "192.0.2.7/32");
        assertThat(read.mtu()).isEqualTo(OptionalInt.of(1300));
    }

    @Test
    void takesPeersByNameAndByIpv6() {
        var read = ((Accepted) WireGuardParser.parse(GOOD + """
                [peer]
                publickey = %s
                endpoint = [2001:db8::1]:443
                allowedips = ::/0
                [Peer]
                PublicKey = %s
                Endpoint = vpn.example.com:443
                PersistentKeepalive = off
                """.formatted(key(10), key(11)))).configuration();
        assertThat(read.remotes()).containsExactly("192.0.2.1", "2001:db8::1", "vpn.example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u000bMTU", "\rMTU", "\u2003MTU", "MTU\u00a0", "MTU\0", "\u0130nterface"})
    void refusesWhatWgTakesForASpaceOrNot(String spelling) {
        assertThat(problem(GOOD.replace("MTU", spelling))).startsWith("line 4: has a character");
    }

    @Test
    void takesAsManyAddressesAsAnAttachmentDoes() {
        String more = "Address = 10.0.0.1\n";
        assertThat(WireGuardParser.parse(GOOD.replace("MTU", more.repeat(14) + "MTU")))
                .isInstanceOf(Accepted.class);
        assertThat(problem(GOOD.replace("MTU", more.repeat(15) + "MTU")))
                .startsWith("line 18: Address")
                .contains("16");
    }

    @Test
    void knowsOneIdentityByItsPrivateKeyHoweverTheRestIsWritten() {
        var one = ((Accepted) WireGuardParser.parse(GOOD)).configuration();
        var same = ((Accepted) WireGuardParser.parse(GOOD.toLowerCase()
                        .replace(PRIVATE.toLowerCase(), PRIVATE)
                        .replace(key(9).toLowerCase(), key(9))))
                .configuration();
        var other = ((Accepted) WireGuardParser.parse(GOOD.replace(PRIVATE, key(8)))).configuration();
        assertThat(same.identity()).isEqualTo(one.identity()).isNotEqualTo(other.identity());
        assertThat(one.toString()).doesNotContain(PRIVATE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MTU = 1380|MTU = 90000|line 4: MTU is '90000'; it must be a number from 576 to 65535",
                "MTU = 1380|PostUp = iptables -F|line 4: PostUp would run a program on the node",
                "MTU = 1380|postup=x|line 4: postup would run a program on the node",
                "MTU = 1380|PREUP = x|line 4: PREUP would run a program on the node",
                "MTU = 1380|PreDown=x|line 4: PreDown would run a program on the node",
                "MTU = 1380|PostDown = x # no|line 4: PostDown would run a program on the node",
                "MTU = 1380|DNS = 10.0.0.1|line 4: DNS would change the node's name resolution",
                "MTU = 1380|Table = off|line 4: Table chooses where wg-quick puts routes",
                "MTU = 1380|SaveConfig = true|line 4: SaveConfig would write",
                "MTU = 1380|FwMark = ten|line 4: FwMark is 'ten'; it must be a number",
                "MTU = 1380|ListenPort = 65536|line 4: ListenPort is '65536'; it must be a number from 0 to 65535",
                "MTU = 1380|Address = fd00::/129|line 4: Address is 'fd00::/129'; it must be an address",
                "MTU = 1380|[Interface]|line 4: is a second [Interface], beside that of line 1",
                "MTU = 1380|PrivateKey = CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA=|line 4: PrivateKey stands",
                "MTU = 1380|Colour = red|line 4: Colour is no setting of [Interface]",
                "MTU = 1380|nonsense|line 4: is neither a section such as [Peer] nor 'Key = value'",
                "[Interface]|[Interfaces]|line 1: is no section of a WireGuard configuration",
                "192.0.2.1:51820|192.0.2.1|line 9: Endpoint is '192.0.2.1'; it must be an address or name and a port",
                "10.200.0.0/24|10.200.0.0/33|line 8: AllowedIPs is '10.200.0.0/33'; it must be an address",
                "PersistentKeepalive = 25|PersistentKeepalive =|line 10: PersistentKeepalive has no value",
            })
    void namesTheLineAndWhatWouldBeRight(String what, String with, String message) {
        assertThat(problem(GOOD.replace(what, with))).startsWith(message);
    }

    @Test
    void namesALineWithAKeyButNeverTheKey() {
        String cut = PRIVATE.substring(0, 43);
        assertThat(problem(GOOD.replace(PRIVATE, cut)))
                .startsWith("line 2: PrivateKey is no key")
                .doesNotContain(cut);
        assertThat(problem(GOOD.replace("MTU = 1380", "MTU = " + PRIVATE)))
                .startsWith("line 4: MTU is")
                .doesNotContain(PRIVATE);
        assertThat(problem(GOOD.replace("MTU = 1380", PRIVATE)))
                .startsWith("line 4: ")
                .doesNotContain(PRIVATE.substring(0, 20));
        assertThat(problem(GOOD.replace("Address = 10.200.0.11/24", "Address = " + PRIVATE)))
                .startsWith("line 3: Address is")
                .doesNotContain(PRIVATE);
    }

    @Test
    void saysWhatIsMissing() {
        assertThat(problem("")).isEqualTo("there is no PrivateKey in an [Interface] section");
        assertThat(problem("[Interface]\nPrivateKey = " + PRIVATE)).isEqualTo("there is no [Peer] section");
        assertThat(problem(GOOD.replace("PublicKey = " + key(9), ""))).contains("[Peer] of line 6 has no PublicKey");
        assertThat(problem("PrivateKey = " + PRIVATE)).startsWith("line 1: PrivateKey stands before the first section");
    }
}
