package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.UninstallMode;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Uninstalling takes no tunnel down, so it is refused while there is one. */
class UninstallTest {
    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();

    @BeforeEach
    @AfterEach
    void nothingOfOurs() {
        server.forget();
    }

    @Test
    void isRefusedWhileAnInstanceExistsAndDeletesNothing() throws IOException, InterruptedException {
        Installation chart = Installation.install(server);
        instance();
        Chart.Run[] run = new Chart.Run[1];
        // a new policy works some seconds after it was written
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            run[0] = chart.uninstall();
            if (run[0].exitCode() == 0) {
                Installation.install(server);
            }
            return run[0].exitCode() != 0;
        });
        assertThat(run[0].output())
                .contains("VpnInstance office exists", "delete them first", "uninstall.policy", "DeleteInstances");
        assertThat(agents()).isTrue();
        assertThat(admin.serviceAccounts()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("ur-vpn-agent")
                        .get())
                .isNotNull();

        admin.resources(VpnInstance.class).withName("office").delete();
        await().atMost(Duration.ofSeconds(30)).until(() -> chart.uninstall().exitCode() == 0);
        assertThat(agents()).isFalse();
        assertThat(definitions()).isEqualTo(4);
    }

    @Test
    void isDoneWhereTheUserHasSaidToLeaveTheInstances() throws IOException, InterruptedException {
        Installation chart = Installation.install(server, "uninstall.policy=LeaveInstances");
        instance();
        Chart.Run run = chart.uninstall();
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(agents()).isFalse();
        assertThat(admin.resources(VpnInstance.class).withName("office").get()).isNotNull();
    }

    @Test
    void theKindsAndTheNamespaceStayWhileAnInstanceExists() throws IOException, InterruptedException {
        Installation.install(server);
        instance();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    Refusal.byPolicy(
                            () -> admin.namespaces()
                                    .withName(Chart.NAMESPACE)
                                    .dryRun()
                                    .delete(),
                            "VpnInstance office exists",
                            "nothing could clean its nodes");
                    Refusal.byPolicy(
                            () -> admin.apiextensions()
                                    .v1()
                                    .customResourceDefinitions()
                                    .withName("vpninstances.urvpn.io")
                                    .dryRun()
                                    .delete(),
                            "VpnInstance office exists");
                });
        admin.resources(VpnInstance.class).withName("office").delete();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThatCode(() -> admin.namespaces()
                                .withName(Chart.NAMESPACE)
                                .dryRun()
                                .delete())
                        .doesNotThrowAnyException());
    }

    @Test
    void everyInstanceIsDeletedAndWaitedForAndWhatStaysIsNamed() throws InterruptedException {
        instance();
        assertThat(new UninstallMode(admin, Duration.ofSeconds(10), Clock.systemUTC()).run())
                .isEmpty();
        instance();
        admin.resources(VpnInstance.class).withName("office").edit(office -> {
            office.getMetadata().setFinalizers(List.of("example.com/stays"));
            return office;
        });
        assertThat(new UninstallMode(admin, Duration.ZERO, Clock.systemUTC()).run())
                .containsExactly("VpnInstance office");
        assertThat(admin.resources(VpnInstance.class).withName("office").get().isMarkedForDeletion())
                .isTrue();
    }

    private boolean agents() {
        return admin.apps()
                        .daemonSets()
                        .inNamespace(Chart.NAMESPACE)
                        .withName("ur-vpn-agent")
                        .get()
                != null;
    }

    private long definitions() {
        return admin.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .filter(definition -> definition.getSpec().getGroup().equals("urvpn.io"))
                .count();
    }

    private void instance() {
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(new ObjectMetaBuilder().withName("office").build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .nodeSelector(Map.of())
                .build());
        admin.resource(instance).create();
    }
}
