package io.urvpn.apiserver.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.Detachment;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.operator.OperatorSettingsBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cluster whose autoscaler adds and removes nodes, twelve times faster than a real one. */
class ScalingClusterTest {
    private static final int NODES = 200;
    private static final int AT_ONCE = 10;
    private static final Duration JOIN_GRACE = Duration.ofSeconds(10);
    private static final long NEXT_WAVE_MILLIS = 1_500;

    private final TestCluster cluster = new TestCluster(settings ->
            OperatorSettingsBuilder.builder(settings).joinGrace(JOIN_GRACE).build());
    private final ExecutorService hands = Executors.newFixedThreadPool(4);
    private final List<String> flaps = new CopyOnWriteArrayList<>();
    private final AtomicInteger mostNodes = new AtomicInteger();
    private final AtomicInteger mostNotReady = new AtomicInteger();
    private SharedIndexInformer<VpnInstance> watch;

    private static String name(int i) {
        return "scaled-" + i;
    }

    /** A healthy instance on two nodes that are there for longer than the grace. */
    @BeforeEach
    void up() {
        Map<String, String> configurations = new HashMap<>();
        configurations.put("node-1.conf", TestCluster.configuration(NODES));
        configurations.put("node-2.conf", TestCluster.configuration(NODES + 1));
        IntStream.range(0, NODES).forEach(i -> configurations.put(name(i) + ".conf", TestCluster.configuration(i)));
        cluster.secret("steady", configurations);
        cluster.node("node-1");
        cluster.node("node-2");
        Instant counts = Instant.now().plus(JOIN_GRACE);
        cluster.admin()
                .resource(cluster.instance(
                        "steady",
                        "steady",
                        CleanupPolicyBuilder.builder().nodeLostAfter("2s").build()))
                .create();
        TestCluster.eventually(() -> {
            assertThat(cluster.condition("steady", "Ready")).isEqualTo("True/Up");
            assertThat(cluster.condition("steady", "Reconciling")).isEqualTo("False/Settled");
            assertThat(Instant.now()).isAfter(counts);
        });
        watch = cluster.admin().resources(VpnInstance.class).withName("steady").inform(new Flaps());
    }

    @AfterEach
    void down() {
        hands.shutdownNow();
        if (watch != null) {
            watch.stop();
        }
        cluster.close();
    }

    /** Every change of the status of a condition. */
    private final class Flaps implements ResourceEventHandler<VpnInstance> {
        @Override
        public void onAdd(VpnInstance added) {
            // it is as it was awaited
        }

        @Override
        public void onUpdate(VpnInstance before, VpnInstance after) {
            mostNodes.accumulateAndGet(after.getStatus().nodes().desired(), Math::max);
            mostNotReady.accumulateAndGet(
                    after.getStatus().notReady() == null
                            ? 0
                            : after.getStatus().notReady().size(),
                    Math::max);
            for (String type : List.of("Ready", "Reconciling", "Stalled")) {
                Condition told = condition(after, type);
                if (!told.getStatus().equals(condition(before, type).getStatus())) {
                    flaps.add(type + "=" + told.getStatus() + " " + told.getReason() + ": " + told.getMessage());
                }
            }
        }

        @Override
        public void onDelete(VpnInstance gone, boolean unknown) {
            flaps.add("deleted");
        }
    }

    private static Condition condition(VpnInstance instance, String type) {
        return instance.getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private Executor after(long millis) {
        return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, hands);
    }

    /** Joins before it is ready, serves for longer than the grace, and leaves as an autoscaler removes it. */
    private CompletableFuture<Void> life(String node, long joinsAfterMillis) {
        cluster.agents().away(node, true);
        return CompletableFuture.runAsync(
                        () -> cluster.kubelets().joins(node, cluster.namespace()), after(joinsAfterMillis))
                .thenRunAsync(() -> cluster.kubelets().reports(node, true), after(500))
                .thenRunAsync(() -> agentAnswers(node), after(1_500))
                .thenRunAsync(() -> isToGo(node), after(JOIN_GRACE.toMillis() - 500))
                .thenRunAsync(() -> cluster.kubelets().reports(node, false), after(700))
                .thenRunAsync(() -> gone(node), after(700));
    }

    private void agentAnswers(String node) {
        cluster.agents().register(node);
        cluster.agents().away(node, false);
    }

    private void isToGo(String node) {
        cluster.admin().nodes().withName(node).edit(found -> {
            found.getSpec()
                    .setTaints(List.of(new TaintBuilder()
                            .withKey("ToBeDeletedByClusterAutoscaler")
                            .withEffect("NoSchedule")
                            .build()));
            return found;
        });
        cluster.agents().tunnelFails(node);
    }

    /** The VpnNode is owned by the Node and goes with it. */
    private void gone(String node) {
        cluster.agents().away(node, true);
        cluster.admin().nodes().withName(node).delete();
        cluster.admin().resources(VpnNode.class).withName(node).delete();
    }

    @Test
    void twoHundredNodesThatComeAndGoDoNotMoveTheConditionsOfAHealthyInstance() {
        List<CompletableFuture<Void>> lives = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            lives.add(life(name(i), i / AT_ONCE * NEXT_WAVE_MILLIS));
        }
        CompletableFuture.allOf(lives.toArray(CompletableFuture[]::new))
                .orTimeout(90, TimeUnit.SECONDS)
                .join();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(cluster.admin()
                                .resources(VpnAttachment.class)
                                .list()
                                .getItems())
                        .extracting(attachment -> attachment.getSpec().nodeName())
                        .containsExactlyInAnyOrder("node-1", "node-2"));
        assertThat(mostNodes).as("the instance was on many of them").hasValueGreaterThan(4 * AT_ONCE);
        assertThat(mostNotReady).as("and was not ready on some").hasPositiveValue();
        assertThat(flaps).isEmpty();
        nothingIsLeft();
    }

    private void nothingIsLeft() {
        assertThat(cluster.admin().resources(VpnCleanup.class).list().getItems())
                .isEmpty();
        assertThat(cluster.admin().v1().events().inAnyNamespace().list().getItems())
                .noneMatch(event -> "Warning".equals(event.getType()));
        VpnInstanceStatus status = cluster.instance("steady").orElseThrow().getStatus();
        assertThat(status.nodes().desired()).isEqualTo(2);
        assertThat(status.nodes().ready()).isEqualTo(2);
        assertThat(status.notReady()).isNull();
        assertThat(status.recentDetachments())
                .hasSize(10)
                .allMatch(detachment -> detachment.outcome() == Outcome.NODE_GONE)
                .isSortedAccordingTo((a, b) -> b.endedAt().compareTo(a.endedAt()));
        assertThat(status.recentDetachments()).extracting(Detachment::node).doesNotHaveDuplicates();
        TestCluster.eventually(() -> assertThat(cluster.admin()
                        .pods()
                        .inNamespace(cluster.namespace())
                        .list()
                        .getItems())
                .extracting(pod -> pod.getSpec().getNodeName())
                .containsExactlyInAnyOrder("node-1", "node-2"));
    }
}
