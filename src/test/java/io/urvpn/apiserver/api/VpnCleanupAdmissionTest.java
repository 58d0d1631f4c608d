package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VpnCleanupAdmissionTest {
    private static final String NAME = "cleanup-1793491200-office-0a1b2c3d";

    private final KubernetesClient client = ApiServer.running().admin();

    @AfterEach
    void remove() {
        client.resources(VpnCleanup.class).delete();
    }

    @Test
    void whatAnOperationCoversIsImmutable() {
        create(List.of(new CoveredNode("n1", "vpnatt-1"), new CoveredNode("n2", "vpnatt-2")));
        Refusal.invalid(
                () -> merge("{\"spec\":{\"nodes\":[{\"node\":\"n1\",\"attachment\":\"vpnatt-1\"}]}}"),
                "spec",
                "is immutable: it says what an operation covers");
        Refusal.invalid(() -> merge("{\"spec\":{\"policy\":{\"timeoutSeconds\":1}}}"), "spec", "is immutable");
        Refusal.invalid(() -> merge("{\"spec\":null}"), "spec", "Required value");
        assertThat(stored().getSpec().nodes()).hasSize(2);
    }

    @Test
    void aNodeIsCoveredOnce() {
        Refusal.invalid(
                () -> create(List.of(new CoveredNode("n1", "vpnatt-1"), new CoveredNode("n1", "vpnatt-2"))),
                "spec.nodes[1]",
                "Duplicate value");
    }

    @Test
    void fiveThousandNodesFit() {
        create(IntStream.range(0, 5000)
                .mapToObj(i -> new CoveredNode("node-%04d.example.com".formatted(i), "vpnatt-" + "%032x".formatted(i)))
                .toList());
        assertThat(stored().getSpec().nodes()).hasSize(5000);
        Refusal.invalid(() -> merge("{\"spec\":{\"interfaceName\":\"urv1\"}}"), "spec", "is immutable");
    }

    private void create(List<CoveredNode> nodes) {
        CleanupPolicy policy = CleanupPolicyBuilder.builder().timeoutSeconds(60).build();
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.setMetadata(new ObjectMetaBuilder().withName(NAME).build());
        cleanup.setSpec(VpnCleanupSpecBuilder.builder()
                .operation(Operation.DELETE)
                .instance(new InstanceReference("office", "00000000-0000-0000-0000-000000000001"))
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .requestedAt(Instant.parse("2026-11-01T00:00:00Z"))
                .nodes(nodes)
                .policy(policy)
                .build());
        client.resource(cleanup).create();
    }

    private void merge(String patch) {
        client.resources(VpnCleanup.class).withName(NAME).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private VpnCleanup stored() {
        return client.resources(VpnCleanup.class).withName(NAME).get();
    }
}
