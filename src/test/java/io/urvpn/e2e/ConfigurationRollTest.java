package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Reasons;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Secret of a tunnel that is up is changed. */
class ConfigurationRollTest {
    private final Tunnel tunnel = Tunnel.named("rolled");
    private final Map<String, String> good = new TreeMap<>();

    @BeforeEach
    void up() {
        Tunnel.NODES.forEach(node -> good.put(node + ".conf", CLUSTER.script("peer", "config", node, "wireguard")));
        tunnel.secret(good).apply().ready();
        // the operator has written down what each pod was started with
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tunnel.attachments())
                        .hasSize(2)
                        .allSatisfy(attachment -> assertThat(
                                        attachment.getMetadata().getAnnotations())
                                .containsKey("urvpn.io/configuration")));
    }

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    private Map<String, String> changed(String line, String by) {
        Map<String, String> changed = new TreeMap<>();
        good.forEach((key, value) -> changed.put(key, value.replaceAll("(?m)^" + line + " = .*$", line + " = " + by)));
        assertThat(changed).isNotEqualTo(good);
        return changed;
    }

    private Map<String, String> pods() {
        Map<String, String> pods = new TreeMap<>();
        tunnel.pods().stream()
                .filter(pod -> !pod.isMarkedForDeletion())
                .forEach(pod ->
                        pods.put(pod.getSpec().getNodeName(), pod.getMetadata().getUid()));
        return pods;
    }

    @Test
    void onlyTheNodeWhoseConfigurationChangedStartsAnew() throws Exception {
        Map<String, String> before = pods();
        Pings second = Pings.from("n2");
        Map<String, String> edited = new TreeMap<>(good);
        edited.put("n1.conf", changed("PersistentKeepalive", "7").get("n1.conf"));

        tunnel.secret(edited).applySecret();

        await("n1 runs with the new one")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    assertThat(pods().get("n1")).isNotNull().isNotEqualTo(before.get("n1"));
                    assertThat(tunnel.attachment("n1").getStatus().permittedPodUid())
                            .isEqualTo(pods().get("n1"));
                    assertThat(tunnel.readyOn("n1")).isTrue();
                });
        tunnel.awaitCondition(Reasons.RECONCILING, "False", Reasons.SETTLED);
        second.lostNone();
        assertThat(pods().get("n2")).isEqualTo(before.get("n2"));
    }

    @Test
    void aChangeOfAllStopsAtTheFirstThatDoesNotComeBackAndGoesOnWhenItIsPutRight() throws Exception {
        Map<String, String> before = pods();
        Pings second = Pings.from("n2");

        tunnel.secret(changed("Endpoint", "192.0.2.1:9")).applySecret();

        await("n1 starts with a peer that is not there")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> {
                    assertThat(pods().get("n1")).isNotNull().isNotEqualTo(before.get("n1"));
                    assertThat(tunnel.awaitCondition(Reasons.RECONCILING, "True", Reasons.ROLLING))
                            .contains("before node n1 is ready");
                });
        assertThat(tunnel.awaitCondition(Reasons.READY, "False", Reasons.WAITING_FOR_HANDSHAKE))
                .contains("n1");
        second.lostNone();
        assertThat(pods().get("n2")).isEqualTo(before.get("n2"));

        tunnel.secret(good).applySecret().ready();
        tunnel.awaitCondition(Reasons.RECONCILING, "False", Reasons.SETTLED);
        assertThat(pods().get("n2")).as("it has what the Secret has again").isEqualTo(before.get("n2"));
    }
}
