package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.Detachment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Nodes that stop and start being selected, and instances that are edited. */
class NodesTest {
    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @Test
    void aNodeThatLosesItsLabelIsDetachedVerifiedAndOnRecordWithoutACleanup() {
        cluster.up("roaming", null);
        cluster.label("node-2", null);

        eventually(() -> assertThat(cluster.attachments("roaming")).hasSize(1));
        eventually(() -> assertThat(cluster.condition("roaming", "Reconciling")).isEqualTo("False/Settled"));
        VpnInstance instance = cluster.instance("roaming").orElseThrow();
        assertThat(instance.getStatus().nodes().desired()).isEqualTo(1);
        assertThat(instance.getStatus().recentDetachments()).hasSize(1);
        Detachment detachment = instance.getStatus().recentDetachments().getFirst();
        assertThat(detachment.node()).isEqualTo("node-2");
        assertThat(detachment.outcome()).isEqualTo(Outcome.VERIFIED);
        assertThat(detachment.reason()).contains("labels of node node-2");
        assertThat(detachment.operationId()).matches("cleanup-1-roaming-[0-9a-f]{8}");
        assertThat(cluster.cleanups("roaming")).isEmpty();
        assertThat(cluster.condition("roaming", "Ready")).isEqualTo("True/Up");
    }

    @Test
    void aNodeThatIsWantedAgainWhileItIsDetachedIsAttachedAnewAfterwards() {
        cluster.up("back", null);
        VpnAttachment first = of("back", "node-2");
        cluster.kubelets().podsHang(true);
        cluster.label("node-2", null);
        eventually(() -> assertThat(of("back", "node-2").getSpec().desired()).isEqualTo(DesiredState.DETACHED));
        cluster.label("node-2", cluster.namespace());
        eventually(() -> assertThat(cluster.condition("back", "Ready")).isEqualTo("False/Detaching"));
        cluster.kubelets().podsHang(false);

        eventually(() -> assertThat(cluster.condition("back", "Ready")).isEqualTo("True/Up"));
        assertThat(of("back", "node-2").getMetadata().getUid())
                .isNotEqualTo(first.getMetadata().getUid());
    }

    @Test
    void aCordonEndsNothingAndATaintOfSomebodyElseThatEvictsDoes() {
        cluster.up("tainted", null);
        taint("node-1", "node.kubernetes.io/unschedulable", "NoSchedule");
        taint("node-2", "somebody/else", "NoExecute");

        eventually(() -> assertThat(cluster.attachments("tainted"))
                .extracting(attachment -> attachment.getSpec().nodeName())
                .containsExactly("node-1"));
        assertThat(cluster.instance("tainted").orElseThrow().getStatus().recentDetachments())
                .singleElement()
                .satisfies(detachment -> {
                    assertThat(detachment.node()).isEqualTo("node-2");
                    assertThat(detachment.outcome()).isEqualTo(Outcome.VERIFIED);
                    assertThat(detachment.reason()).contains("node-2").contains("NoExecute taint");
                });
    }

    @Test
    void theLastTenDetachmentsAreOnRecordTheNewestFirst() {
        cluster.up("restless", null);
        List<String> detached = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String uid = of("restless", "node-2").getMetadata().getUid();
            cluster.label("node-2", null);
            eventually(() -> assertThat(recorded("restless")).first().isEqualTo(uid));
            cluster.label("node-2", cluster.namespace());
            eventually(() ->
                    assertThat(of("restless", "node-2").getMetadata().getUid()).isNotEqualTo(uid));
            eventually(() -> assertThat(cluster.condition("restless", "Ready")).isEqualTo("True/Up"));
            detached.addFirst(uid);
        }
        assertThat(recorded("restless")).isEqualTo(detached.subList(0, 10));
    }

    private List<String> recorded(String instance) {
        return cluster.instance(instance).orElseThrow().getStatus().recentDetachments().stream()
                .map(Detachment::attachmentUid)
                .toList();
    }

    @Test
    void anAttachmentThatSomebodyDeletesIsMadeAnewAndNothingIsDetached() {
        cluster.up("picked", null);
        VpnAttachment first = of("picked", "node-1");
        int asks = cluster.agents().asks().size();
        cluster.admin().resource(first).delete();

        eventually(() -> assertThat(cluster.attachments("picked"))
                .hasSize(2)
                .noneMatch(attachment -> attachment
                        .getMetadata()
                        .getUid()
                        .equals(first.getMetadata().getUid())));
        eventually(() -> assertThat(cluster.condition("picked", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.agents().asks()).hasSize(asks);
        assertThat(cluster.instance("picked").orElseThrow().getStatus().recentDetachments())
                .isNull();
    }

    @Test
    void editingTheInstanceChangesItsAttachmentsAndNotItsPods() {
        cluster.up("edited", null);
        List<String> pods = pods();
        cluster.admin().resources(VpnInstance.class).withName("edited").edit(instance -> {
            instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                    .routes(List.of(new TunnelRoute("10.99.0.0/16", 0)))
                    .masquerade(true)
                    .mtu(1380)
                    .build());
            return instance;
        });

        eventually(() -> assertThat(cluster.attachments("edited")).allSatisfy(attachment -> {
            assertThat(attachment.getSpec().routes()).containsExactly(new TunnelRoute("10.99.0.0/16", 0));
            assertThat(attachment.getSpec().masquerade()).isTrue();
            assertThat(attachment.getSpec().mtu()).isEqualTo(1380);
            assertThat(attachment.getSpec().addresses()).hasSize(1);
        }));
        eventually(() -> assertThat(cluster.condition("edited", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.instance("edited").orElseThrow().getStatus().observedGeneration())
                .isEqualTo(2);
        assertThat(pods()).isEqualTo(pods);
    }

    private List<String> pods() {
        return cluster.admin().pods().inNamespace(cluster.namespace()).list().getItems().stream()
                .map(pod -> pod.getMetadata().getUid())
                .sorted()
                .toList();
    }

    private VpnAttachment of(String instance, String node) {
        return cluster.attachments(instance).stream()
                .filter(attachment -> attachment.getSpec().nodeName().equals(node))
                .findFirst()
                .orElseThrow();
    }

    private void taint(String node, String key, String effect) {
        cluster.admin().nodes().withName(node).edit(found -> {
            found.getSpec()
                    .setTaints(List.of(
                            new TaintBuilder().withKey(key).withEffect(effect).build()));
            return found;
        });
    }
}
