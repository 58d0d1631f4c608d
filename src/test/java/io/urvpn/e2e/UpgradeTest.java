package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.urvpn.api.v1alpha1.VpnAttachment;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The chart is upgraded under running tunnels to another image for their pods, which it rolls out. */
class UpgradeTest {
    private static final String NEXT = "images.runtime.tag=next";

    private final Tunnel tunnel = Tunnel.named("upgraded");

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    @AfterAll
    static void putBack() {
        Release.upgrade();
    }

    /** The same image under another name, as a newer one would be. */
    private void loadNext() {
        String image = tunnel.get().getStatus().runtimeImage();
        CLUSTER.script("tag", image, image.substring(0, image.lastIndexOf(':')) + ":next");
    }

    private Pod pod(String node) {
        return tunnel.pods().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .findFirst()
                .orElseThrow();
    }

    private static String image(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getImage();
    }

    /** When the tunnel of a node was up last, as its agent says. */
    private Instant upSince(String node) {
        VpnAttachment attachment = tunnel.attachment(node);
        Condition ready = attachment.getStatus().conditions().stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .findFirst()
                .orElseThrow();
        assertThat(ready.getStatus()).isEqualTo("True");
        assertThat(attachment.getStatus().permittedPodUid())
                .isEqualTo(pod(node).getMetadata().getUid());
        return Instant.parse(ready.getLastTransitionTime());
    }

    @Test
    void aRollStopsAtANodeThatDoesNotComeBackAndGoesFromNodeToNodeOtherwise() throws Exception {
        tunnel.apply().ready();
        loadNext();
        String untouched = tunnel.containers().get("n2");
        Pings second = Pings.from("n2");
        Release.upgrade("images.runtime.tag=nowhere", "runtime.upgradePolicy=Rolling");
        await("the status says that the roll waits for n1")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        tunnel.awaitCondition("Reconciling", "True", "Rolling").contains("before node n1 is ready"));
        await("n1 has its new pod")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(image(pod("n1"))).endsWith(":nowhere"));

        second.lostNone();
        assertThat(tunnel.containers()).containsEntry("n2", untouched);

        Release.upgrade(NEXT, "runtime.upgradePolicy=Rolling");
        await("each node has the new image")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    assertThat(tunnel.pods())
                            .hasSize(2)
                            .allMatch(pod -> image(pod).endsWith(":next"))
                            .noneMatch(Pod::isMarkedForDeletion);
                    assertThat(tunnel.condition("Ready").orElseThrow().getStatus())
                            .isEqualTo("True");
                });
        assertThat(Instant.parse(pod("n2").getMetadata().getCreationTimestamp()))
                .isAfterOrEqualTo(upSince("n1"));
        tunnel.awaitCondition("Reconciling", "False", "Settled");
        Release.test();
    }
}
