package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnType;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent writes what is of its own node, by the policy and RBAC of the chart. */
class AgentPolicyTest {
    private static final String AGENT = "ur-vpn-agent";
    private static final String STATUS = "{\"status\":{\"machineKey\":\"%s\"}}";

    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();
    private Installation chart;
    private KubernetesClient agent;

    @BeforeEach
    void agentOnN1() throws IOException, InterruptedException {
        server.forget();
        chart = Installation.install(server);
        agent = chart.onNode(AGENT, "n1");
        attachment("vpnatt-n1", "n1");
        attachment("vpnatt-n2", "n2");
        // a new policy works some seconds after it was written
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> refused(() -> writeStatus(agent, "vpnatt-n2", "probe")));
    }

    @AfterEach
    void remove() {
        server.forget();
    }

    @Test
    void itsOwnAttachmentIsWritten() {
        writeStatus(agent, "vpnatt-n1", "k1");
        assertThat(admin.resources(VpnAttachment.class)
                        .withName("vpnatt-n1")
                        .get()
                        .getStatus()
                        .machineKey())
                .isEqualTo("k1");
    }

    @Test
    void anAttachmentOfAnotherNodeIsNot() {
        Refusal.byPolicy(() -> writeStatus(agent, "vpnatt-n2", "k1"), "the agent of node n1 may not write");
        Refusal.byPolicy(
                () -> agent.resources(VpnAttachment.class)
                        .withName("vpnatt-n2")
                        .subresource("status")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"spec\":{\"nodeName\":\"n1\"},\"status\":{\"machineKey\":\"k1\"}}"),
                "the agent of node n1 may not write");
        assertThat(admin.resources(VpnAttachment.class)
                        .withName("vpnatt-n2")
                        .get()
                        .getStatus())
                .isNull();
    }

    @Test
    void aStatusDoesNotCarryAnotherSpecOrLessFinalizers() {
        agent.resources(VpnAttachment.class)
                .withName("vpnatt-n1")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"finalizers\":[]},\"spec\":{\"desired\":\"Detached\"},\"status\":{\"machineKey\":\"k1\"}}");
        VpnAttachment stored =
                admin.resources(VpnAttachment.class).withName("vpnatt-n1").get();
        assertThat(stored.getSpec().desired()).isEqualTo(DesiredState.ATTACHED);
        assertThat(stored.getMetadata().getFinalizers()).containsExactly("example.com/held");
        assertThat(stored.getStatus().machineKey()).isEqualTo("k1");
    }

    @Test
    void theRestOfAnAttachmentIsNot() {
        KubernetesClientException refused = catchThrowableOfType(
                KubernetesClientException.class,
                () -> agent.resources(VpnAttachment.class)
                        .withName("vpnatt-n1")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"desired\":\"Detached\"}}"));
        assertThat(refused.getCode()).isEqualTo(403);
    }

    @Test
    void itsOwnVpnNodeIsMadeAndWritten() {
        apply(agent, "n1");
        agent.resources(VpnNode.class)
                .withName("n1")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), STATUS.formatted("k1"));
        assertThat(admin.resources(VpnNode.class)
                        .withName("n1")
                        .get()
                        .getStatus()
                        .machineKey())
                .isEqualTo("k1");
    }

    @Test
    void aVpnNodeOfAnotherNodeIsNot() {
        Refusal.byPolicy(() -> apply(agent, "n2"), "the agent of node n1 may not write");
        apply(admin, "n2");
        Refusal.byPolicy(() -> apply(agent, "n2"), "the agent of node n1 may not write");
        Refusal.byPolicy(
                () -> agent.resources(VpnNode.class)
                        .withName("n2")
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), STATUS.formatted("k1")),
                "the agent of node n1 may not write");
    }

    @Test
    void aTokenThatIsBoundToNoNodeWritesNothing() {
        KubernetesClient unbound = chart.unbound(AGENT);
        Refusal.byPolicy(() -> writeStatus(unbound, "vpnatt-n1", "k1"), "not bound to a pod on a node");
        Refusal.byPolicy(() -> apply(unbound, "n1"), "not bound to a pod on a node");
    }

    @Test
    void theAgentReadsAttachmentsAndNodesAndNoSecrets() {
        assertThat(agent.resources(VpnAttachment.class)
                        .withField("spec.nodeName", "n1")
                        .list()
                        .getItems())
                .hasSize(1);
        assertThat(agent.nodes().withName("n1").get()).isNotNull();
        KubernetesClientException refused = catchThrowableOfType(
                KubernetesClientException.class,
                () -> agent.secrets().inNamespace(Chart.NAMESPACE).list());
        assertThat(refused.getCode()).isEqualTo(403);
    }

    private static boolean refused(Runnable write) {
        return catchThrowableOfType(KubernetesClientException.class, write::run) != null;
    }

    private static void writeStatus(KubernetesClient client, String name, String machineKey) {
        client.resources(VpnAttachment.class)
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), STATUS.formatted(machineKey));
    }

    private static void apply(KubernetesClient client, String name) {
        VpnNode node = new VpnNode();
        node.setMetadata(
                new ObjectMetaBuilder().withName(name).addToLabels("a", "b").build());
        client.resource(node)
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(Names.AGENT_MANAGER)
                        .withForce(true)
                        .build());
    }

    private void attachment(String name, String node) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withFinalizers("example.com/held")
                .build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", "00000000-0000-0000-0000-000000000001"))
                .nodeName(node)
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .desired(DesiredState.ATTACHED)
                .build());
        admin.resource(attachment).create();
    }
}
