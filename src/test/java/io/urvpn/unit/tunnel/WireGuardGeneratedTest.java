package io.urvpn.unit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import io.urvpn.tunnel.TunnelType;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A configuration for nodes that make their keys themselves. */
class WireGuardGeneratedTest {
    private static final String KEY = "6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=";
    private static final String PEER = "[Peer]\nPublicKey = " + KEY + "\nAllowedIPs = 10.0.0.0/8\n";

    private static Parsed parse(String text) {
        return TunnelType.WIREGUARD_GENERATED.parser().parse(text, Map.of());
    }

    @Test
    void needsAPeerOnly() {
        var read = ((Accepted) parse(PEER)).configuration();
        assertThat(read.identity()).isEmpty();
        assertThat(read.addresses()).isEmpty();
        assertThat(parse("[Interface]\nListenPort = 51820\nMTU = 1380\n" + PEER))
                .isInstanceOf(Accepted.class);
        assertThat(((Refused) parse("[Interface]\nMTU = 1380\n")).problem().toString())
                .isEqualTo("there is no [Peer] section");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PrivateKey = ", "privatekey=", "\tPRIVATEKEY  =  "})
    void refusesAPrivateKeyWithTheReasonAndWithoutTheKey(String spelling) {
        assertThat(((Refused) parse("[Interface]\n" + spelling + KEY + "\n" + PEER))
                        .problem()
                        .toString())
                .startsWith("line 2: ")
                .containsIgnoringCase("privatekey does not go with identity GeneratePerNode")
                .contains("remove the line")
                .doesNotContain(KEY);
    }

    @Test
    void refusesAnAddressWithTheReason() {
        assertThat(((Refused) parse("[Interface]\nAddress = 10.0.0.2/24\n" + PEER))
                        .problem()
                        .toString())
                .startsWith("line 2: Address does not go with identity GeneratePerNode")
                .contains("spec.addressPool");
    }

    @Test
    void isForWireGuardOnlyAndOnlyWhereItIsAskedFor() {
        assertThat(TunnelType.of(VpnType.WIREGUARD, IdentitySource.GENERATE_PER_NODE))
                .isEqualTo(TunnelType.WIREGUARD_GENERATED);
        assertThat(TunnelType.of(VpnType.WIREGUARD, IdentitySource.FROM_SECRET)).isEqualTo(TunnelType.WIREGUARD);
        assertThat(TunnelType.of(VpnType.WIREGUARD, null)).isEqualTo(TunnelType.WIREGUARD);
        assertThat(TunnelType.of(VpnType.OPENVPN, IdentitySource.GENERATE_PER_NODE))
                .isEqualTo(TunnelType.OPENVPN);
        assertThat(TunnelType.WIREGUARD.generatesIdentity()).isFalse();
    }
}
