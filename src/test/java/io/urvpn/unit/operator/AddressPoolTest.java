package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.operator.AddressPool;
import io.urvpn.operator.AttachmentPlan;
import io.urvpn.operator.Identities;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.operator.Selection;
import io.urvpn.tunnel.TunnelType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPoolTest {
    private static final String FOR_ALL =
            "[Interface]\nMTU = 1380\n[Peer]\nPublicKey = " + Samples.KEY_2 + "\nAllowedIPs = 10.0.0.0/8\n";

    private static Identities configured(Set<String> nodes, Map<String, String> secret) {
        return Identities.of(
                TunnelType.WIREGUARD_GENERATED,
                new SecretName("ns", "office"),
                Optional.of(Samples.secret(secret)),
                nodes);
    }

    private static Identities give(List<String> networks, Set<String> nodes, VpnAttachment... attachments) {
        return new AddressPool(networks, List.of(attachments))
                .give(configured(nodes, Map.of("wg.conf", FOR_ALL)), nodes);
    }

    private static List<String> of(Identities identities, String node) {
        return identities.usable(node).orElseThrow().configuration().addresses().stream()
                .map(Object::toString)
                .toList();
    }

    private static VpnAttachment with(String node, String... addresses) {
        VpnAttachment attachment = Samples.attachment(node);
        attachment.setSpec(VpnAttachmentSpecBuilder.builder(attachment.getSpec())
                .identity(IdentitySource.GENERATE_PER_NODE)
                .addresses(List.of(addresses))
                .build());
        return attachment;
    }

    private static VpnAttachment leaving(String node, String... addresses) {
        VpnAttachment attachment = with(node, addresses);
        attachment.setSpec(VpnAttachmentSpecBuilder.builder(attachment.getSpec())
                .desired(DesiredState.DETACHED)
                .build());
        return attachment;
    }

    private static VpnAttachment made(String at, VpnAttachment attachment) {
        attachment.getMetadata().setCreationTimestamp(at);
        return attachment;
    }

    @Test
    void eachNodeGetsTheLowestFreeAddressOfEachNetwork() {
        Identities given = give(List.of("10.20.0.0/24", "fd00:20::/64"), Set.of("a", "b"));
        assertThat(of(given, "a")).containsExactly("10.20.0.1/32", "fd00:20::1/128");
        assertThat(of(given, "b")).containsExactly("10.20.0.2/32", "fd00:20::2/128");
        assertThat(given.problems()).isEmpty();
    }

    @Test
    void aNodeThatJoinsTakesWhatIsFreeAndTheOthersKeepTheirs() {
        Identities given = give(
                List.of("10.20.0.0/24"), Set.of("a", "b", "c"), with("b", "10.20.0.1/32"), with("c", "10.20.0.3/32"));
        assertThat(of(given, "a")).containsExactly("10.20.0.2/32");
        assertThat(of(given, "b")).containsExactly("10.20.0.1/32");
        assertThat(of(given, "c")).containsExactly("10.20.0.3/32");
    }

    @Test
    void whatANodeHasThatIsBeingDetachedIsGivenToNoOther() {
        Identities given = give(List.of("10.20.0.0/24"), Set.of("a", "z"), leaving("z", "10.20.0.1/32"));
        assertThat(of(given, "a")).containsExactly("10.20.0.2/32");
    }

    @Test
    void aNodeThatIsWantedAgainWhileItIsDetachedTakesNoSecondAddress() {
        VpnAttachment z = leaving("z", "10.20.0.1/32");
        AddressPool pool = new AddressPool(List.of("10.20.0.0/30"), List.of(z));
        Identities configured = configured(Set.of("a", "z"), Map.of("wg.conf", FOR_ALL));
        assertThat(pool.lacks(configured, Set.of("z"))).isFalse();
        assertThat(pool.lacks(configured, Set.of("a", "z"))).isTrue();
        Identities given = pool.give(configured, Set.of("a", "z"));
        assertThat(of(given, "a")).containsExactly("10.20.0.2/32");
        assertThat(given.problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.20.0.0/29, 6, 10.20.0.6/32",
        "10.20.0.0/30, 2, 10.20.0.2/32",
        "10.0.0.252/30, 2, 10.0.0.254/32",
        "255.255.255.248/29, 6, 255.255.255.254/32",
        "fd00::/126, 3, fd00::3/128",
        "fd00::/127, 1, fd00::1/128",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc/126, 3, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"
    })
    void theFirstAddressAndInIpv4TheLastAreGivenToNone(String network, int size, String last) {
        Set<String> enough = IntStream.range(0, size).mapToObj(i -> "n" + i).collect(Collectors.toSet());
        Identities given = give(List.of(network), enough);
        assertThat(given.problems()).isEmpty();
        assertThat(of(given, "n" + (size - 1))).containsExactly(last);
        Set<String> more = IntStream.range(0, size + 1).mapToObj(i -> "n" + i).collect(Collectors.toSet());
        assertThat(give(List.of(network), more).problems()).containsOnlyKeys("n" + size);
    }

    @ParameterizedTest
    @CsvSource({"10.20.0.0/31", "10.20.0.1/32", "fd00::1/128"})
    void aNetworkWithoutAnyGivesNone(String network) {
        Identities given = give(List.of(network), Set.of("a"));
        assertThat(given.problems().get("a").message()).contains(network + " has 0 addresses");
    }

    @Test
    void anExhaustedPoolNamesHowManyNodesAndAddressesAndWhoHasNone() {
        Identities given = give(
                List.of("10.20.0.0/30", "fd00:20::/64"),
                Set.of("a", "b", "c", "d"),
                with("d", "10.20.0.1/32", "fd00:20::1/128"));
        assertThat(given.problems()).containsOnlyKeys("b", "c").allSatisfy((node, problem) -> {
            assertThat(problem.reason()).isEqualTo(Reasons.ADDRESS_POOL_EXHAUSTED);
            assertThat(problem.message())
                    .contains("spec.addressPool", "10.20.0.0/30 has 2 addresses", "4 nodes", "without one: b, c");
        });
        assertThat(of(given, "d")).containsExactly("10.20.0.1/32", "fd00:20::1/128");
        assertThat(of(given, "a"))
                .as("what b and c could not use is not lost")
                .containsExactly("10.20.0.2/32", "fd00:20::2/128");
    }

    @Test
    void aPoolThatIsMadeLargerChangesNoAddress() {
        Identities given = give(List.of("10.20.0.0/16"), Set.of("a"), with("a", "10.20.0.5/32"));
        assertThat(of(given, "a")).containsExactly("10.20.0.5/32");
    }

    @Test
    void anAddressThatTheEditedPoolDoesNotHaveIsReplaced() {
        Identities given =
                give(List.of("10.30.0.0/24"), Set.of("a", "b"), with("a", "10.20.0.1/32"), with("b", "10.30.0.1/32"));
        assertThat(of(given, "a")).containsExactly("10.30.0.2/32");
        assertThat(of(given, "b")).containsExactly("10.30.0.1/32");
    }

    @Test
    void aSecondNetworkAddsAnAddressAndLeavesTheFirst() {
        Identities given = give(List.of("fd00:20::/64", "10.20.0.0/24"), Set.of("a"), with("a", "10.20.0.7/32"));
        assertThat(of(given, "a")).containsExactly("fd00:20::1/128", "10.20.0.7/32");
    }

    @Test
    void whereTheEditedPoolIsFullTheNodeKeepsWhatItHas() {
        VpnInstance instance = Samples.instance();
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .identity(IdentitySource.GENERATE_PER_NODE)
                .addressPool(List.of("10.30.0.0/31"))
                .build());
        VpnAttachment running = with("a", "10.20.0.1/32");
        Identities given = give(List.of("10.30.0.0/31"), Set.of("a"), running);
        AttachmentPlan plan =
                AttachmentPlan.of(instance, new Selection(Set.of("a"), Map.of()), given, List.of(running), Set.of());
        assertThat(given.problems()).containsOnlyKeys("a");
        assertThat(plan).isEqualTo(new AttachmentPlan(List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void theOlderAttachmentKeepsAnAddressThatTwoHave() {
        Identities given = give(
                List.of("10.20.0.0/24"),
                Set.of("a", "b"),
                made("2026-11-01T12:00:09Z", with("a", "10.20.0.1/32")),
                made("2026-11-01T12:00:01Z", with("b", "10.20.0.1/32")));
        assertThat(of(given, "b")).containsExactly("10.20.0.1/32");
        assertThat(of(given, "a")).containsExactly("10.20.0.2/32");
    }

    @Test
    void anAddressWithThePrefixLengthOfItsNetworkCountsAsTheSame() {
        Identities given = give(List.of("10.20.0.0/24"), Set.of("a", "b"), with("b", "10.20.0.1/24"));
        assertThat(of(given, "a")).containsExactly("10.20.0.2/32");
    }

    @Test
    void theAttachmentIsMadeWithItsAddressAndTheMtuOfTheConfigurationOfAll() {
        VpnInstance instance = Samples.instance();
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .identity(IdentitySource.GENERATE_PER_NODE)
                .addressPool(List.of("10.20.0.0/24"))
                .build());
        Identities given = give(List.of("10.20.0.0/24"), Set.of("a", "b"));
        assertThat(given.plainKey(TunnelType.WIREGUARD_GENERATED)).isEmpty();
        AttachmentPlan plan =
                AttachmentPlan.of(instance, new Selection(Set.of("a", "b"), Map.of()), given, List.of(), Set.of());
        assertThat(plan.create()).extracting(VpnAttachmentSpec::mtu).containsOnly(1380);
        assertThat(plan.create())
                .extracting(VpnAttachmentSpec::addresses)
                .containsExactlyInAnyOrder(List.of("10.20.0.1/32"), List.of("10.20.0.2/32"));
        assertThat(plan.create())
                .extracting(VpnAttachmentSpec::identity)
                .containsOnly(IdentitySource.GENERATE_PER_NODE);
    }

    @Test
    void aNodeWithAConfigurationOfItsOwnUsesThatAndOneThatHoldsAKeyIsRefused() {
        Identities configured = configured(
                Set.of("a", "b", "c"),
                Map.of(
                        "wg.conf", FOR_ALL,
                        "a.conf", FOR_ALL.replace("1380", "1400"),
                        "c.conf", Samples.configuration(Samples.KEY_1)));
        Identities given = new AddressPool(List.of("10.20.0.0/24"), List.of()).give(configured, Set.of("a", "b", "c"));
        assertThat(given.usable("a").orElseThrow().configuration().mtu()).hasValue(1400);
        assertThat(of(given, "b")).containsExactly("10.20.0.2/32");
        assertThat(given.problems()).containsOnlyKeys("c");
        assertThat(given.problems().get("c").reason()).isEqualTo(Reasons.INVALID_CONFIGURATION);
        assertThat(given.problems().get("c").message())
                .contains("key c.conf, line 2: PrivateKey does not go with identity GeneratePerNode")
                .doesNotContain(Samples.KEY_1);
    }
}
