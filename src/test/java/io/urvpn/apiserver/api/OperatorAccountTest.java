package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.ApiServerClient;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.apiserver.operator.FakeAgents;
import io.urvpn.apiserver.operator.FakeKubelets;
import io.urvpn.apiserver.operator.TestCluster;
import io.urvpn.operator.OperatorSettings;
import io.urvpn.operator.VpnOperator;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operator does its work with the rights and under the policies of the chart, and has no others. */
class OperatorAccountTest {
    private static final String NODE = "account-n1";

    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();
    private KubernetesClient operator;

    @BeforeEach
    void chart() throws IOException, InterruptedException {
        server.forget();
        Installation chart = Installation.install(server);
        operator = ApiServerClient.of(chart.configOnNode("ur-vpn-operator", "n1"));
        admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .addToLabels("pool", NODE)
                        .endMetadata()
                        .build())
                .create();
        // admission taints a new node as not ready, as no kubelet has reported yet
        admin.nodes().withName(NODE).edit(node -> {
            node.getSpec().setTaints(List.of());
            return node;
        });
    }

    @AfterEach
    void remove() {
        operator.close();
        server.forget();
        admin.nodes().withName(NODE).delete();
        admin.secrets().inNamespace(Chart.NAMESPACE).withName("office").delete();
    }

    @Test
    void aWholeLifeGoesByWithTheRightsOfTheChart() {
        OperatorSettings.LeaderElection election = new OperatorSettings.LeaderElection(
                "ur-vpn-operator", "here", Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
        OperatorSettings settings = TestCluster.settings(Chart.NAMESPACE, Optional.of(election));
        try (FakeAgents agents = new FakeAgents(ApiServer.client(server.config()), Chart.NAMESPACE);
                FakeKubelets kubelets = new FakeKubelets(ApiServer.client(server.config()), Chart.NAMESPACE);
                VpnOperator running = new VpnOperator(operator, settings, Clock.systemUTC(), () -> {})) {
            running.start();
            agents.register(NODE);
            secret();
            admin.resource(office()).create();
            await().atMost(Duration.ofSeconds(20)).until(this::ready);

            admin.resource(office()).delete();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> admin.resources(VpnInstance.class)
                                    .withName("office")
                                    .get()
                            == null);
            List<VpnCleanup> cleanups = admin.resources(VpnCleanup.class).list().getItems();
            assertThat(cleanups)
                    .singleElement()
                    .satisfies(
                            cleanup -> assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED));
            assertThat(kubelets).isNotNull();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(admin.events()
                                    .v1()
                                    .events()
                                    .inNamespace("default")
                                    .list()
                                    .getItems())
                            .filteredOn(event -> event.getRegarding().getName().equals("office"))
                            .extracting(Event::getReason)
                            .contains("CleanupStarted", "CleanupVerified"));
        }
    }

    @Test
    void itMakesNoInstanceAndReadsNoSecretOfOthers() {
        assertThat(refusal(() -> operator.resource(office()).create())).isEqualTo(403);
        assertThat(refusal(() -> operator.secrets().inNamespace("default").list()))
                .isEqualTo(403);
        assertThat(refusal(() -> operator.pods().inAnyNamespace().list())).isEqualTo(403);
        assertThat(refusal(() -> operator.nodes().withName(NODE).delete())).isEqualTo(403);
    }

    private static int refusal(Runnable call) {
        KubernetesClientException refused = catchThrowableOfType(KubernetesClientException.class, call::run);
        assertThat(refused).as("the call was taken").isNotNull();
        return refused.getCode();
    }

    private boolean ready() {
        VpnInstance instance =
                admin.resources(VpnInstance.class).withName("office").get();
        return instance.getStatus() != null
                && instance.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    private void secret() {
        admin.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("office")
                        .withNamespace(Chart.NAMESPACE)
                        .endMetadata()
                        .withStringData(Map.of(NODE + ".conf", TestCluster.configuration(0)))
                        .build())
                .create();
    }

    private static VpnInstance office() {
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(new ObjectMetaBuilder().withName("office").build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .nodeSelector(Map.of("pool", NODE))
                .build());
        return instance;
    }
}
