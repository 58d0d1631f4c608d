package io.urvpn.unit.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpPrefixTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.0.0.0/8",
        "192.0.2.7,192.0.2.7/32",
        "0.0.0.0/0,0.0.0.0/0",
        "FD00:0:0:1::1/64,fd00:0:0:1::1/64",
        "::/0,::/0",
        "1:0:0:2:0:0:0:3/128,1:0:0:2::3/128",
        "2001:db8:0:1:1:1:1:1/64,2001:db8:0:1:1:1:1:1/64",
        "::ffff:192.0.2.7/128,::ffff:c000:207/128",
        "fe80::/10,fe80::/10",
        "1:2:3:4:5:6::/96,1:2:3:4:5:6::/96",
    })
    void isWrittenAsRfc5952HasItAndParsesBack(String text, String canonical) {
        IpPrefix prefix = IpPrefix.parse(text);
        assertThat(prefix).hasToString(canonical).isEqualTo(IpPrefix.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0/33",
                "10.0.0/8",
                "10.0.0.256/8",
                "::/129",
                "example.com/8",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "1:2/64",
                "fe80::1%eth0/64"
            })
    void refusesWhatIsNoneAndNamesIt(String text) {
        assertThatThrownBy(() -> IpPrefix.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void aNetworkHasNoHostBitsAndContainsItsAddresses() {
        assertThat(IpPrefix.parse("10.1.2.3/9").network()).hasToString("10.0.0.0/9");
        assertThat(IpPrefix.parse("fd00::ff/121").network()).hasToString("fd00::80/121");
        assertThat(IpPrefix.parse("10.0.0.0/8").contains(IpPrefix.parse("10.9.0.0/16")))
                .isTrue();
        assertThat(IpPrefix.parse("10.9.0.0/16").contains(IpPrefix.parse("10.0.0.0/8")))
                .isFalse();
        assertThat(IpPrefix.parse("0.0.0.0/0").contains(IpPrefix.parse("::/0"))).isFalse();
    }
}
