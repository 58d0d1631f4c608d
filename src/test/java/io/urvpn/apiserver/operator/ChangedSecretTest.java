package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A changed configuration takes effect on its node, one node after the other. */
class ChangedSecretTest {
    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster();
        cluster.agents().followPods();
        cluster.up("office", null);
        // a node whose agent has not spoken of its pod yet counts as down, and would be the first
        eventually(() -> assertThat(cluster.attachments("office")).allSatisfy(attachment -> {
            assertThat(attachment.getMetadata().getAnnotations()).containsKey("urvpn.io/configuration");
            assertThat(attachment.getStatus().permittedPodUid())
                    .isEqualTo(pods().get(attachment.getSpec().nodeName()));
        }));
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    private void change(Map<String, String> data) {
        cluster.admin()
                .secrets()
                .inNamespace(cluster.namespace())
                .withName("office")
                .edit(secret -> {
                    data.forEach((key, value) -> secret.getData()
                            .put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
                    return secret;
                });
    }

    private Map<String, String> pods() {
        return cluster.admin().pods().inNamespace(cluster.namespace()).list().getItems().stream()
                .filter(pod -> !pod.isMarkedForDeletion())
                .collect(Collectors.toMap(
                        (Pod pod) -> pod.getSpec().getNodeName(),
                        pod -> pod.getMetadata().getUid(),
                        (one, other) -> one,
                        TreeMap::new));
    }

    private Map<String, String> addresses() {
        return cluster.attachments("office").stream()
                .collect(Collectors.toMap(
                        (VpnAttachment attachment) -> attachment.getSpec().nodeName(),
                        attachment -> String.join(",", attachment.getSpec().addresses())));
    }

    @Test
    void theNodeWhoseConfigurationChangedGetsANewPodAndNoOther() {
        Map<String, String> before = pods();
        change(Map.of("node-2.conf", TestCluster.configuration(7), "other", "of no node"));
        eventually(() -> assertThat(pods().get("node-2")).isNotNull().isNotEqualTo(before.get("node-2")));
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("True/Up"));
        eventually(() -> assertThat(cluster.condition("office", "Reconciling")).isEqualTo("False/Settled"));
        eventually(() -> assertThat(addresses().get("node-2")).isEqualTo("10.99.0.9/16"));
        assertThat(pods().get("node-1")).isEqualTo(before.get("node-1"));
        assertThat(cluster.attachments("office").toString())
                .doesNotContain(TestCluster.configuration(7).split("\n")[1].substring(13));
    }

    @Test
    void theNextNodeKeepsPodAndAddressesWhileTheFirstDoesNotComeBack() {
        Map<String, String> before = pods();
        String address = addresses().get("node-2");
        cluster.agents().tunnelFailsWhenMadeAnew("node-1");
        change(Map.of("node-1.conf", TestCluster.configuration(7), "node-2.conf", TestCluster.configuration(8)));
        eventually(() -> assertThat(pods().get("node-1")).isNotNull().isNotEqualTo(before.get("node-1")));
        eventually(() -> assertThat(cluster.condition("office", "Reconciling")).isEqualTo("True/Rolling"));
        eventually(() -> assertThat(cluster.message("office", "Reconciling"))
                .contains("no other is replaced before node node-1 is ready"));
        String uid = cluster.admin()
                .resources(VpnInstance.class)
                .withName("office")
                .get()
                .getMetadata()
                .getUid();
        cluster.stopOperator();

        cluster.startOperator(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(3)));
        eventually(() -> assertThat(cluster.condition("office", "Reconciling")).isEqualTo("True/RollStopped"));
        assertThat(cluster.message("office", "Reconciling"))
                .contains("no other is replaced before node node-1 is ready");
        eventually(() -> assertThat(cluster.admin()
                        .events()
                        .v1()
                        .events()
                        .inAnyNamespace()
                        .list()
                        .getItems())
                .anySatisfy(event -> {
                    assertThat(event.getRegarding().getUid()).isEqualTo(uid);
                    assertThat(event.getReason()).isEqualTo("RollStopped");
                    assertThat(event.getNote()).contains("node-1");
                }));
        assertThat(pods().get("node-2")).isEqualTo(before.get("node-2"));
        assertThat(addresses().get("node-2")).isEqualTo(address);
    }

    @Test
    void whatChangedWhileNoOperatorWasThereIsFoundAndNothingElseIsTouched() {
        Map<String, String> before = pods();
        cluster.stopOperator();
        change(Map.of("node-1.conf", TestCluster.configuration(7)));
        cluster.startOperator();
        eventually(() -> assertThat(pods().get("node-1")).isNotNull().isNotEqualTo(before.get("node-1")));
        eventually(() -> assertThat(cluster.condition("office", "Reconciling")).isEqualTo("False/Settled"));
        assertThat(pods().get("node-2")).isEqualTo(before.get("node-2"));
    }
}
