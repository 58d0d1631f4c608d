package io.urvpn.apiserver.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lives of an instance from its creation to its end, with a real API server and nodes that are played. */
class WholeLifeTest {
    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void anInstanceComesUpOnEachNodeAndIsGoneWithItsEvidenceKept() {
        cluster.node("node-1");
        cluster.node("node-2");
        cluster.secret(
                "office",
                Map.of("node-1.conf", TestCluster.configuration(0), "node-2.conf", TestCluster.configuration(1)));
        VpnInstance created =
                cluster.admin().resource(cluster.instance("office", "office")).create();

        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(
                        () -> assertThat(cluster.condition("office", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.attachments("office")).hasSize(2);
        assertThat(cluster.instance("office").orElseThrow().getStatus().nodes().ready())
                .isEqualTo(2);
        assertThat(cluster.condition("office", "Reconciling")).isEqualTo("False/Settled");

        long begin = System.nanoTime();
        cluster.admin().resource(created).delete();
        await().atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> cluster.instance("office").isEmpty());
        System.out.println("deleted in " + (System.nanoTime() - begin) / 1_000_000 + " ms");

        assertThat(cluster.attachments("office")).isEmpty();
        assertThat(cluster.cleanups("office")).hasSize(1);
        VpnCleanup cleanup = cluster.cleanups("office").getFirst();
        assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(cleanup.getStatus().nodes())
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED))
                .allSatisfy(node -> assertThat(node.verdict().report().clean()).isTrue());
        assertThat(cleanup.getStatus().components())
                .hasSize(5)
                .allSatisfy(component -> assertThat(component.status()).isEqualTo(ComponentState.COMPLETED));
        assertThat(cluster.admin()
                        .pods()
                        .inNamespace(cluster.namespace())
                        .list()
                        .getItems())
                .isEmpty();
    }
}
