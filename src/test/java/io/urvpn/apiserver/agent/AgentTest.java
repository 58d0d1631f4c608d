package io.urvpn.apiserver.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.agent.Agent;
import io.urvpn.agent.AgentSettings;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.apiserver.api.ApiServer;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The agent as a whole: the API is real, the node is in memory. */
class AgentTest {
    private final KubernetesClient client = ApiServer.running().admin();
    private final String instanceUid = UUID.randomUUID().toString();
    private final String nodeName = "node-" + instanceUid.substring(0, 8);
    private final String name = "vpnatt-" + instanceUid.substring(0, 8);
    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private Agent agent = agent();

    private Agent agent() {
        return new Agent(
                client,
                host,
                new AgentSettings(
                        nodeName,
                        "0.1.0",
                        Path.of("/var/lib/ur-vpn"),
                        Path.of("/run/ur-vpn"),
                        200,
                        20000,
                        29999,
                        Duration.ofSeconds(2),
                        AgentSettings.Timing.DEFAULT),
                Clock.systemUTC());
    }

    @BeforeEach
    void start() {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(nodeName)
                        .endMetadata()
                        .build())
                .create();
        agent.start();
        await().until(agent::ready);
    }

    @AfterEach
    void stop() {
        agent.close();
        edit(spec -> spec, List.of());
        client.resources(VpnAttachment.class).withName(name).delete();
        client.resources(VpnNode.class).withName(nodeName).delete();
        client.nodes().withName(nodeName).delete();
    }

    private void create() {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withFinalizers(Names.FINALIZER_NODE_STATE)
                .build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", instanceUid))
                .nodeName(nodeName)
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .desired(DesiredState.ATTACHED)
                .addresses(List.of("10.8.0.2/24"))
                .routes(List.of(new TunnelRoute("10.20.0.0/16", null)))
                .build());
        client.resource(attachment).create();
    }

    private VpnAttachment get() {
        return client.resources(VpnAttachment.class).withName(name).get();
    }

    /** As often as the agent writes in between. */
    private void edit(UnaryOperator<VpnAttachmentSpec> change, List<String> finalizers) {
        await().ignoreExceptionsMatching(AgentTest::conflict)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> editOnce(change, finalizers));
    }

    private static boolean conflict(Throwable answer) {
        return answer instanceof KubernetesClientException refused
                && refused.getCode() == HttpURLConnection.HTTP_CONFLICT;
    }

    private void editOnce(UnaryOperator<VpnAttachmentSpec> change, List<String> finalizers) {
        if (get() != null) {
            client.resources(VpnAttachment.class).withName(name).edit(attachment -> {
                attachment.setSpec(change.apply(attachment.getSpec()));
                if (finalizers != null) {
                    attachment.getMetadata().setFinalizers(finalizers);
                }
                return attachment;
            });
        }
    }

    private VpnAttachment when(Predicate<VpnAttachment> condition) {
        return await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(this::get, attachment -> attachment.getStatus() != null && condition.test(attachment));
    }

    private static boolean reason(VpnAttachment attachment, String reason) {
        return attachment.getStatus().conditions().stream()
                .anyMatch(condition -> condition.getType().equals(Reasons.READY)
                        && condition.getReason().equals(reason));
    }

    private void up() {
        create();
        when(attachment -> reason(attachment, Reasons.WAITING_FOR_POD));
        FakeLauncher.start(host, instanceUid, "pod-1", "urv0", 100);
        when(attachment -> reason(attachment, Reasons.WAITING_FOR_HANDSHAKE));
        host.add("peer urv0 KEY= handshake " + Instant.now() + " rx 1 tx 2 keepalive 25");
        when(attachment -> reason(attachment, Reasons.UP));
    }

    private void order() {
        edit(
                spec -> VpnAttachmentSpecBuilder.builder(spec)
                        .desired(DesiredState.DETACHED)
                        .detach(new DetachOrder(
                                "cleanup-1-office-0a1b2c3d",
                                Instant.now(),
                                "VpnInstance deleted",
                                null,
                                CleanupPolicyBuilder.builder()
                                        .timeoutSeconds(10)
                                        .disconnectTimeoutSeconds(1)
                                        .verify(VerifyPolicy.ALL)
                                        .build()))
                        .build(),
                null);
    }

    @Test
    void saysWhoAnswersForTheNode() {
        VpnNode node = client.resources(VpnNode.class).withName(nodeName).get();

        assertThat(node.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner -> assertThat(owner.getUid())
                        .isEqualTo(client.nodes()
                                .withName(nodeName)
                                .get()
                                .getMetadata()
                                .getUid()));
        assertThat(node.getStatus().bootId()).isEqualTo("boot-1");
        assertThat(node.getStatus().machineKey()).hasSize(32);
        assertThat(node.getStatus().capabilities().tun()).isTrue();
        assertThat(agent.live()).isTrue();
    }

    private VpnAttachment detached() {
        up();
        return ordered();
    }

    private VpnAttachment ordered() {
        order();
        return when(attachment -> attachment.getStatus().detach() != null
                && attachment.getStatus().detach().stepsCompletedAt() != null);
    }

    private VpnNode node() {
        return client.resources(VpnNode.class).withName(nodeName).get();
    }

    private VpnAttachment verified() {
        host.remove("process 101 launcher pod pod-1 container c-100 mark " + instanceUid);
        return ask();
    }

    private VpnAttachment ask() {
        VpnNode node = node();
        edit(
                spec -> VpnAttachmentSpecBuilder.builder(spec)
                        .verification(new VerificationAsk(
                                1,
                                Instant.now(),
                                node.getStatus().bootId(),
                                node.getStatus().agentStartedAt(),
                                List.of()))
                        .build(),
                null);
        return when(attachment -> attachment.getStatus().verdict() != null);
    }

    @Test
    void theWholeWay() {
        assertThat(detached().getStatus().detach().components()).hasSize(4);
        assertThat(host.lines("link", "route", "rule")).isEmpty();

        VpnAttachment answered = verified();
        VpnNode node = node();
        assertThat(answered.getStatus().verdict().clean()).isTrue();
        assertThat(answered.getStatus().verdict().generation())
                .isEqualTo(answered.getMetadata().getGeneration());
        assertThat(answered.getStatus().verdict().agentStartedAt())
                .isEqualTo(node.getStatus().agentStartedAt());
        assertThat(answered.getStatus().verdict().machineKey())
                .isEqualTo(node.getStatus().machineKey());

        edit(spec -> spec, List.of());
        client.resources(VpnAttachment.class).withName(name).delete();
        await().untilAsserted(() -> assertThat(host.lines("file")).doesNotContain(instanceUid));
    }

    @Test
    void aRecordWhoseAttachmentWentWhileTheAgentWasAwayGoesAtItsStart() {
        detached();
        verified();
        goneWhileTheAgentWasAway();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(host.lines("file")).doesNotContain("/registry/" + instanceUid));
    }

    /** What the operator has on record may be that the node was not read. */
    @Test
    void aDetachThatNobodyVerifiedIsCarriedThroughAndReportedUntilTheOperatorAnswers() {
        detached();
        goneWhileTheAgentWasAway();
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(node().getStatus().sweep().orphans())
                        .singleElement()
                        .satisfies(orphan -> {
                            assertThat(orphan.instanceUid()).isEqualTo(instanceUid);
                            assertThat(orphan.kind()).isEqualTo(StateKind.REGISTRY_ENTRY);
                            assertThat(orphan.action()).isEqualTo(OrphanAction.REMOVED);
                        }));
        assertThat(host.lines("process")).doesNotContain("launcher");

        create();
        ordered();
        assertThat(host.lines("file")).contains("/registry/" + instanceUid);
        ask();
        edit(spec -> spec, List.of());
        client.resources(VpnAttachment.class).withName(name).delete();
        await().untilAsserted(() -> assertThat(host.lines("file")).doesNotContain("/registry/" + instanceUid));
    }

    private void goneWhileTheAgentWasAway() {
        agent.close();
        host.agentEnded();
        assertThat(host.lines("file")).contains("/registry/" + instanceUid);
        edit(spec -> spec, List.of());
        client.resources(VpnAttachment.class).withName(name).delete();
        agent = agent();
        agent.start();
    }

    @Test
    void anIdleTunnelIsNotWritten() {
        up();
        String version = get().getMetadata().getResourceVersion();
        host.add("peer urv0 KEY= handshake " + Instant.now() + " rx 100 tx 200 keepalive 25");

        await().during(Duration.ofSeconds(6))
                .atMost(Duration.ofSeconds(8))
                .until(() -> get().getMetadata().getResourceVersion().equals(version));
    }

    @Test
    void aRuleThatSomebodyRemovesIsBackSoon() {
        up();
        host.remove("rule 20000 lookup 20000 proto 200");

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(host.lines("rule")).isEqualTo("rule 20000 lookup 20000 proto 200"));
        VpnAttachment repaired = when(attachment -> attachment.getStatus().repairs() != null);
        assertThat(repaired.getStatus().repairs().last()).contains("rule 20000");
    }

    @Test
    void aRestartCleansNothingAndASecondAgentWaits() {
        up();
        String before = host.lines("link", "address", "route", "rule");
        Agent second = agent();
        second.start();
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(4))
                .until(() -> !second.ready() && second.live());
        second.close();

        agent.close();
        host.agentEnded().forgetActions();
        assertThat(host.lines("link", "address", "route", "rule")).isEqualTo(before);
        agent = agent();
        agent.start();
        await().until(agent::ready);
        host.remove("route 20000 10.20.0.0/16 dev urv0 proto 200");
        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(host.lines("link", "address", "route", "rule"))
                        .isEqualTo(before));
    }
}
