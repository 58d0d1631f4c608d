package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.ApiServerClient;
import io.urvpn.CheckMode;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatusSweepBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What `helm test` runs, with the account that it runs with. */
class CheckTest {
    private static final String NODE = "check-n1";
    private static final String VERSION = "9.9.9";

    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();
    private KubernetesClient account;

    @BeforeEach
    void chart() throws IOException, InterruptedException {
        server.forget();
        Installation chart = Installation.install(server);
        // helm makes what has the annotation of a hook only in the test
        for (HasMetadata object : admin.load(new ByteArrayInputStream(
                        Chart.render("--show-only", "templates/check.yaml").getBytes(StandardCharsets.UTF_8)))
                .items()) {
            if (!(object instanceof Pod)) {
                admin.resource(object).serverSideApply();
            }
        }
        account = ApiServerClient.of(chart.configOnNode("ur-vpn-check", "n1"));
        admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .addToLabels("kubernetes.io/os", "linux")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void remove() {
        account.close();
        server.forget();
        admin.nodes().withName(NODE).delete();
    }

    private void answers(String version, Instant at) {
        VpnNode node = new VpnNode();
        node.setMetadata(new ObjectMetaBuilder().withName(NODE).build());
        admin.resource(node).serverSideApply();
        node.setStatus(VpnNodeStatusBuilder.builder()
                .agentVersion(version)
                .agentStartedAt(at)
                .sweep(VpnNodeStatusSweepBuilder.builder()
                        .running(true)
                        .intervalSeconds(30)
                        .lastRunAt(at)
                        .build())
                .build());
        admin.resource(node).subresource("status").patch(PatchContext.of(PatchType.SERVER_SIDE_APPLY));
    }

    private List<String> check(Duration timeout) throws InterruptedException {
        return new CheckMode(account, Chart.NAMESPACE, VERSION, Clock.systemUTC()).run(timeout);
    }

    @Test
    void findsNothingWhereEachNodeHasItsAgentAndEachPolicyWorks() throws InterruptedException {
        answers(VERSION, Instant.now());
        // a new policy works some seconds after it was written
        assertThat(check(Duration.ofSeconds(30))).isEmpty();
        assertThat(admin.resources(VpnInstance.class).list().getItems()).isEmpty();
    }

    @Test
    void namesTheNodeWhoseAgentDoesNotAnswer() throws InterruptedException {
        assertThat(check(Duration.ZERO))
                .anySatisfy(wrong -> assertThat(wrong).contains("node " + NODE, "never answered"));
        answers("0.0.1", Instant.now());
        assertThat(check(Duration.ZERO))
                .anySatisfy(wrong -> assertThat(wrong).contains("node " + NODE, "0.0.1", VERSION));
        answers(VERSION, Instant.now().minus(Duration.ofHours(1)));
        assertThat(check(Duration.ZERO))
                .anySatisfy(wrong -> assertThat(wrong).contains("node " + NODE, "last heard of at"));
    }

    @Test
    void itsAccountMayDoNothingElse() {
        VpnInstance other = new VpnInstance();
        other.setMetadata(new ObjectMetaBuilder().withName("office").build());
        other.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .nodeSelector(Map.of())
                .build());
        refused(() -> account.resource(other).create());
        refused(() -> account.resource(other).serverSideApply());
        refused(() -> account.secrets().inNamespace(Chart.NAMESPACE).list());
        refused(() -> account.resources(VpnInstance.class).list());
        refused(() -> account.pods().inNamespace(Chart.NAMESPACE).list());
    }

    private static void refused(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }
}
