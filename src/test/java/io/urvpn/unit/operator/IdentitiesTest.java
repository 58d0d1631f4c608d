package io.urvpn.unit.operator;

import static io.urvpn.unit.operator.Samples.configuration;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.operator.Identities;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.operator.PodConfiguration.PlainKey;
import io.urvpn.tunnel.TunnelType;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdentitiesTest {
    private static final SecretName WHERE = new SecretName("ur-vpn-system", "office");

    private static Identities of(Map<String, String> data, String... nodes) {
        return Identities.of(TunnelType.WIREGUARD, WHERE, Optional.of(Samples.secret(data)), List.of(nodes));
    }

    @Test
    void aNodeUsesItsOwnKeyBeforeThePlainOne() {
        Identities identities =
                of(Map.of("a.conf", configuration(Samples.KEY_1), "wg.conf", configuration(Samples.KEY_2)), "a", "b");
        assertThat(identities.usable("a").orElseThrow().key()).isEqualTo("a.conf");
        assertThat(identities.usable("b").orElseThrow().key()).isEqualTo("wg.conf");
        assertThat(identities.plainKey(TunnelType.WIREGUARD)).contains(new PlainKey("wg.conf", "b"));
        assertThat(identities.problems()).isEmpty();
    }

    @Test
    void aNodeThatIsNamedWgUsesThePlainKeyAsItsOwn() {
        Identities identities = of(Map.of("wg.conf", configuration(Samples.KEY_1)), "wg");
        assertThat(identities.usable("wg")).isPresent();
        assertThat(identities.plainKey(TunnelType.WIREGUARD)).isEmpty();
    }

    @Test
    void onePlainKeyForTwoNodesIsAProblemOfBoth() {
        Identities identities = of(Map.of("wg.conf", configuration(Samples.KEY_1)), "a", "b");
        assertThat(identities.anyUsable()).isFalse();
        assertThat(identities.problems())
                .containsOnlyKeys("a", "b")
                .allSatisfy((node, problem) -> assertThat(problem.reason()).isEqualTo(Reasons.SHARED_IDENTITY));
    }

    @Test
    void onePrivateKeyInTwoFilesIsSharedTooAndLeavesTheThirdNodeAlone() {
        Identities identities = of(
                Map.of(
                        "a.conf", configuration(Samples.KEY_1, "Address = 10.0.0.2/24"),
                        "b.conf", configuration(Samples.KEY_1, "Address = 10.0.0.3/24"),
                        "c.conf", configuration(Samples.KEY_2)),
                "a",
                "b",
                "c");
        assertThat(identities.problems()).containsOnlyKeys("a", "b");
        assertThat(identities.problems().get("a").message()).contains("a, b").doesNotContain(Samples.KEY_1);
        assertThat(identities.usable("c")).isPresent();
    }

    @Test
    void aMissingSecretNamesWhereToMakeItAndWhatItMustHold() {
        Identities identities = Identities.of(TunnelType.WIREGUARD, WHERE, Optional.empty(), List.of("a"));
        assertThat(identities.problems().get("a").reason()).isEqualTo(Reasons.SECRET_NOT_FOUND);
        assertThat(identities.problems().get("a").message())
                .contains("Secret office in namespace ur-vpn-system")
                .contains("a.conf")
                .contains("wg.conf");
    }

    @Test
    void aConfigurationThatCannotBeUsedNamesKeyAndLine() {
        Identities identities = of(Map.of("a.conf", "[Interface]\nPrivateKey = short\n"), "a");
        assertThat(identities.problems().get("a").reason()).isEqualTo(Reasons.INVALID_CONFIGURATION);
        assertThat(identities.problems().get("a").message())
                .contains("key a.conf")
                .contains("line 2");
    }

    private static Identities openVpn(Map<String, String> data, String... nodes) {
        return Identities.of(TunnelType.OPENVPN, WHERE, Optional.of(Samples.secret(data)), List.of(nodes));
    }

    @Test
    void filesThatAConfigurationNamesAreKnownByNode() {
        Identities identities = openVpn(
                Map.of(
                        "client.ovpn", OpenVpnSamples.WITH_NAME,
                        "login", "branch7\nsecret\n",
                        "b.conf", OpenVpnSamples.INLINE),
                "a",
                "b");
        assertThat(identities.problems()).isEmpty();
        assertThat(identities.files()).containsExactly(Map.entry("a", List.of("login")));
        assertThat(identities.plainKey(TunnelType.OPENVPN)).contains(new PlainKey("client.ovpn", "a"));
    }

    @Test
    void oneUserNameInTwoFilesIsSharedWhateverElseDiffers() {
        Identities identities = openVpn(
                Map.of(
                        "a.conf",
                        OpenVpnSamples.WITH_NAME,
                        "b.conf",
                        OpenVpnSamples.WITH_NAME.replace("auth-user-pass login", "auth-user-pass other"),
                        "c.conf",
                        OpenVpnSamples.INLINE,
                        "login",
                        "branch7\nsecret\n",
                        "other",
                        "branch7\r\nhunter2\r\n"),
                "a",
                "b",
                "c");
        assertThat(identities.problems())
                .containsOnlyKeys("a", "b")
                .allSatisfy((node, problem) -> assertThat(problem.message())
                        .contains("user name", "a, b")
                        .doesNotContain("branch7", "hunter2"));
        assertThat(identities.usable("c")).isPresent();
    }

    @Test
    void aFileThatIsNoKeyOfTheSecretNamesKeyLineAndFile() {
        Identities identities = openVpn(Map.of("client.ovpn", OpenVpnSamples.WITH_NAME), "a");
        assertThat(identities.problems().get("a").message())
                .contains("key client.ovpn, line 11: auth-user-pass names login, which is no key of the Secret");
    }
}
