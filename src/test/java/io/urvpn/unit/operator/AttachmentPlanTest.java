package io.urvpn.unit.operator;

import static io.urvpn.unit.operator.Samples.configuration;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.operator.AttachmentPlan;
import io.urvpn.operator.Identities;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.operator.Selection;
import io.urvpn.tunnel.TunnelType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttachmentPlanTest {
    private final VpnInstance instance = Samples.instance();
    private final Identities identities = identities(Map.of(
            "a.conf", configuration(Samples.KEY_1, "Address = 10.0.0.2/24, fd00::2/64", "MTU = 1380"),
            "b.conf", configuration(Samples.KEY_2)));

    private static Identities identities(Map<String, String> data) {
        return Identities.of(
                TunnelType.WIREGUARD,
                new SecretName("ns", "office"),
                Optional.of(Samples.secret(data)),
                List.of("a", "b"));
    }

    private AttachmentPlan plan(Selection selection, VpnAttachment... attachments) {
        return AttachmentPlan.of(instance, selection, identities, List.of(attachments), Set.of());
    }

    @Test
    void aWantedNodeWithoutAnAttachmentGetsOneWithTheAddressesOfItsConfiguration() {
        AttachmentPlan plan = plan(new Selection(Set.of("a"), Map.of()));
        VpnAttachmentSpec spec = plan.create().getFirst();
        assertThat(spec.desired()).isEqualTo(DesiredState.ATTACHED);
        assertThat(spec.addresses()).containsExactly("10.0.0.2/24", "fd00::2/64");
        assertThat(spec.mtu()).isEqualTo(1380);
        assertThat(spec.interfaceName()).isEqualTo("urv01234567");
    }

    @Test
    void theInstancesAddressesComeBeforeThoseOfTheConfiguration() {
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .addresses(List.of("10.9.0.1/32"))
                .mtu(1400)
                .build());
        VpnAttachmentSpec spec =
                plan(new Selection(Set.of("a"), Map.of())).create().getFirst();
        assertThat(spec.addresses()).containsExactly("10.9.0.1/32");
        assertThat(spec.mtu()).isEqualTo(1400);
    }

    @Test
    void whatIsAsItShouldBeIsLeftAlone() {
        AttachmentPlan plan = plan(new Selection(Set.of("b"), Map.of()), Samples.attachment("b"));
        assertThat(plan).isEqualTo(new AttachmentPlan(List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void aChangedRouteChangesTheAttachment() {
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .routes(List.of(new TunnelRoute("10.0.0.0/8", 0)))
                .build());
        AttachmentPlan plan = plan(new Selection(Set.of("b"), Map.of()), Samples.attachment("b"));
        assertThat(plan.change()).hasSize(1);
        assertThat(plan.change().getFirst().spec().routes()).containsExactly(new TunnelRoute("10.0.0.0/8", 0));
    }

    @Test
    void aNodeThatIsNotWantedAnyMoreIsDetachedWithTheReason() {
        AttachmentPlan plan = plan(new Selection(Set.of(), Map.of("b", "its labels")), Samples.attachment("b"));
        assertThat(plan.detach().getFirst().reason()).isEqualTo("its labels");
    }

    @Test
    void aNodeThatIsWantedAgainWaitsUntilItsDetachIsThrough() {
        VpnAttachment leaving = Samples.attachment("b");
        leaving.setSpec(VpnAttachmentSpecBuilder.builder(leaving.getSpec())
                .desired(DesiredState.DETACHED)
                .build());
        AttachmentPlan plan = plan(new Selection(Set.of("b"), Map.of()), leaving);
        assertThat(plan.create()).isEmpty();
        assertThat(plan.detaching()).containsExactly(leaving);
    }

    @Test
    void whatSomebodyDeletedAlthoughItIsWantedIsMadeAnewAndNotDetached() {
        VpnAttachment deleted = Samples.attachment("b");
        deleted.getMetadata().setDeletionTimestamp("2026-11-01T12:00:00Z");
        AttachmentPlan plan = plan(new Selection(Set.of("b"), Map.of()), deleted);
        assertThat(plan.renew()).containsExactly(deleted);
        assertThat(plan.detach()).isEmpty();
    }

    @Test
    void aMissingConfigurationAddsNothingAndChangesNothing() {
        VpnAttachment running = Samples.attachment("a");
        running.setSpec(VpnAttachmentSpecBuilder.builder(running.getSpec())
                .addresses(List.of("10.0.0.2/24"))
                .mtu(1380)
                .build());
        AttachmentPlan plan = AttachmentPlan.of(
                instance, new Selection(Set.of("a", "b"), Map.of()), identities(Map.of()), List.of(running), Set.of());
        assertThat(plan).isEqualTo(new AttachmentPlan(List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void aNodeWhoseDaemonHasTheConfigurationBeforeKeepsWhatGoesWithIt() {
        VpnAttachment running = Samples.attachment("a");
        running.setSpec(VpnAttachmentSpecBuilder.builder(running.getSpec())
                .addresses(List.of("10.0.0.9/24"))
                .mtu(1300)
                .build());
        Selection selection = new Selection(Set.of("a"), Map.of());
        assertThat(AttachmentPlan.of(instance, selection, identities, List.of(running), Set.of("a"))
                        .change())
                .isEmpty();
        assertThat(plan(selection, running).change())
                .singleElement()
                .satisfies(
                        change -> assertThat(change.spec().addresses()).containsExactly("10.0.0.2/24", "fd00::2/64"));
    }
}
