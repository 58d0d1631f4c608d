package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VpnAttachmentAdmissionTest {
    private static final String NAME = "vpnatt-admission";

    private final KubernetesClient client = ApiServer.running().admin();

    @AfterEach
    void remove() {
        client.resources(VpnAttachment.class).delete();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"nodeName\":\"n2\"} | nodeName",
                "{\"instance\":{\"uid\":\"00000000-0000-0000-0000-000000000002\"}} | instance",
                "{\"type\":\"OpenVPN\"} | type",
                "{\"interfaceName\":\"urv1\"} | interfaceName",
            })
    void whatNamesTheTunnelIsImmutable(String spec, String field) {
        create(NAME, "n1", DesiredState.ATTACHED);
        Refusal.invalid(() -> merge("{\"spec\":" + spec + "}"), field, "immutable");
    }

    @Test
    void aDetachIsNeverTakenBack() {
        create(NAME, "n1", DesiredState.ATTACHED);
        merge("{\"spec\":{\"desired\":\"Detached\"}}");
        Refusal.invalid(
                () -> merge("{\"spec\":{\"desired\":\"Attached\"}}"),
                "spec.desired",
                "a detach once ordered runs to its end");
        Refusal.invalid(() -> merge("{\"spec\":{\"desired\":null}}"), "spec.desired", "Required value");
        assertThat(stored().getSpec().desired()).isEqualTo(DesiredState.DETACHED);
    }

    @Test
    void anAttachmentIsListedByTheNodeThatItIsFor() {
        create(NAME, "n1", DesiredState.ATTACHED);
        create("vpnatt-other", "n2", DesiredState.ATTACHED);
        assertThat(client.resources(VpnAttachment.class)
                        .withField("spec.nodeName", "n1")
                        .list()
                        .getItems())
                .extracting(attachment -> attachment.getMetadata().getName())
                .containsExactly(NAME);
    }

    @Test
    void eachChangeOfTheSpecIsANewGenerationAndAStatusIsNone() {
        create(NAME, "n1", DesiredState.ATTACHED);
        long first = stored().getMetadata().getGeneration();
        merge("{\"spec\":{\"mtu\":1300}}");
        assertThat(stored().getMetadata().getGeneration()).isEqualTo(first + 1);
        client.resources(VpnAttachment.class)
                .withName(NAME)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"machineKey\":\"k1\"}}");
        assertThat(stored().getMetadata().getGeneration()).isEqualTo(first + 1);
        assertThat(stored().getStatus().machineKey()).isEqualTo("k1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"desired\":\"Gone\"} | spec.desired | supported values",
                "{\"mtu\":1} | spec.mtu | greater than or equal to 576",
                "{\"routes\":[{\"destination\":\"10.0.0.1/8\"}]} | spec.routes[0].destination | without host bits",
                "{\"verification\":{\"attempt\":0,\"askedAt\":\"2026-11-01T00:00:00Z\"}} | spec.verification.attempt | greater than or equal to 1",
                "{\"verification\":{\"attempt\":1,\"askedAt\":\"now\"}} | spec.verification.askedAt | date-time",
                "{\"detach\":{\"operationId\":\"cleanup-1\"}} | spec.detach.orderedAt | Required value",
            })
    void refuses(String spec, String field, String text) {
        create(NAME, "n1", DesiredState.ATTACHED);
        Refusal.invalid(() -> merge("{\"spec\":" + spec + "}"), field, text);
    }

    private void create(String name, String node, DesiredState desired) {
        VpnAttachmentSpec spec = VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", "00000000-0000-0000-0000-000000000001"))
                .nodeName(node)
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .desired(desired)
                .addresses(List.of("10.20.0.2/24"))
                .routes(List.of(new TunnelRoute("10.200.0.0/24", null)))
                .build();
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder().withName(name).build());
        attachment.setSpec(spec);
        client.resource(attachment).create();
    }

    private void merge(String patch) {
        client.resources(VpnAttachment.class).withName(NAME).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private VpnAttachment stored() {
        return client.resources(VpnAttachment.class).withName(NAME).get();
    }
}
