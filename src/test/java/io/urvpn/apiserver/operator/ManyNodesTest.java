package io.urvpn.apiserver.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReportBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The deletion of an instance that is on five hundred nodes: each object stays one that etcd takes and people read. */
class ManyNodesTest {
    private static final int NODES = 500;
    private static final int FAILING = 8;
    private static final int OBJECT = 256 * 1024;
    private static final int INSTANCE_STATUS = 64 * 1024;

    private TestCluster cluster;
    private SharedIndexInformer<GenericKubernetesResource> cleanups;
    private SharedIndexInformer<GenericKubernetesResource> instances;
    private final AtomicInteger largestCleanup = new AtomicInteger();
    private final AtomicInteger largestStatus = new AtomicInteger();

    @BeforeEach
    void up() {
        cluster = new TestCluster();
        cleanups = largest("VpnCleanup", ManyNodesTest::size, largestCleanup);
        instances = largest("VpnInstance", object -> size(object.get("status")), largestStatus);
        Map<String, String> configurations = new HashMap<>();
        IntStream.range(0, NODES).forEach(i -> configurations.put(node(i) + ".conf", TestCluster.configuration(i)));
        try (ExecutorService hands = Executors.newFixedThreadPool(8)) {
            CompletableFuture.allOf(IntStream.range(0, NODES)
                            .mapToObj(i -> CompletableFuture.runAsync(() -> cluster.node(node(i)), hands))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
        cluster.secret("wide", configurations);
        cluster.admin()
                .resource(cluster.instance(
                        "wide",
                        "wide",
                        CleanupPolicyBuilder.builder()
                                .maxRetryAttempts(1)
                                .blockedRetrySeconds(1)
                                .nodeLostAfter("1s")
                                .build()))
                .create();
        within(
                120,
                () -> assertThat(cluster.instance("wide")
                                .orElseThrow()
                                .getStatus()
                                .nodes()
                                .ready())
                        .isEqualTo(NODES));
    }

    @AfterEach
    void down() {
        cleanups.stop();
        instances.stop();
        cluster.close();
    }

    /** As a cloud names its machines. */
    private static String node(int i) {
        return "ip-10-0-%d-%d.eu-central-1.compute.internal".formatted(i / 250, i % 250);
    }

    private static void within(int seconds, ThrowingRunnable assertion) {
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(seconds))
                // an answer has some 200 kB, and the API server has enough to do
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(assertion);
    }

    /** Keeps the largest that was ever stored, with all that etcd stores of it. */
    private SharedIndexInformer<GenericKubernetesResource> largest(
            String kind, ToIntFunction<GenericKubernetesResource> size, AtomicInteger largest) {
        return cluster.admin()
                .genericKubernetesResources("urvpn.io/v1alpha1", kind)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(GenericKubernetesResource added) {
                        largest.accumulateAndGet(size.applyAsInt(added), Math::max);
                    }

                    @Override
                    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource after) {
                        onAdd(after);
                    }

                    @Override
                    public void onDelete(GenericKubernetesResource gone, boolean unknown) {
                        onAdd(gone);
                    }
                });
    }

    private static int size(Object value) {
        try {
            return new ObjectMapper().writeValueAsBytes(value).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Verdict leftover(Verdict clean) {
        boolean fails =
                IntStream.range(0, FAILING).anyMatch(i -> clean.machineKey().equals("key-" + node(i)));
        return !fails
                ? clean
                : VerdictBuilder.builder(clean)
                        .clean(false)
                        .failed(List.of(Component.ROUTING_RULES_CLEAR))
                        .errorCode(ErrorCodes.LEFTOVER)
                        .report(VerificationReportBuilder.builder(clean.report())
                                .routing(new RoutingVerification(true, 1, "rule 20000: from all lookup 20000"))
                                .build())
                        .build();
    }

    private VpnCleanupStatus status() {
        return cluster.cleanups("wide").getFirst().getStatus();
    }

    @Test
    void theEvidenceOfFiveHundredNodesIsExactAndSmallOnTheWayAndInTheEnd() {
        String gone = node(NODES - 1);
        cluster.agents().away(gone, true);
        cluster.agents().answers(ManyNodesTest::leftover);
        cluster.admin().nodes().withName(gone).delete();
        cluster.admin().resources(VpnNode.class).withName(gone).delete();
        int requestsBefore = cluster.requests().matching(request -> true).size();
        long began = System.nanoTime();
        cluster.admin().resources(VpnInstance.class).withName("wide").delete();

        within(
                120,
                () -> assertThat(status().counts())
                        .isEqualTo(new Counts(NODES, NODES - FAILING - 1, 1, 0, 0, FAILING)));
        Duration untilFailed = Duration.ofNanos(System.nanoTime() - began);
        VpnCleanupStatus failed = status();
        assertThat(failed.phase()).isEqualTo(OperationPhase.FAILED);
        assertThat(failed.nodes()).hasSize(NODES);
        assertThat(failed.nodes().subList(0, FAILING)).allSatisfy(node -> {
            assertThat(node.node())
                    .isIn(IntStream.range(0, FAILING)
                            .mapToObj(ManyNodesTest::node)
                            .toList());
            assertThat(node.outcome()).isNull();
            assertThat(node.components())
                    .hasSize(5)
                    .filteredOn(component -> component.component() == Component.ROUTING_RULES_CLEAR)
                    .singleElement()
                    .satisfies(whole -> assertThat(whole.evidence().details()).hasSize(2));
            assertThat(node.components().getLast().status()).isEqualTo(ComponentState.FAILED);
            assertThat(node.verdict().report().routing().details()).isEqualTo("rule 20000: from all lookup 20000");
        });
        assertThat(failed.nodes().get(FAILING).node())
                .as("what was not read comes next")
                .isEqualTo(gone);
        assertThat(failed.message()).contains("node " + node(0)).contains((FAILING - 1) + " more under way");

        cluster.agents().answers(verdict -> verdict);
        within(30, () -> assertThat(cluster.instance("wide")).isEmpty());
        Duration whole = Duration.ofNanos(System.nanoTime() - began);
        endedExactly(gone);
        within(
                10,
                () -> assertThat(cluster.events("wide"))
                        .contains("CleanupStarted", "CleanupFailed", "CleanupNotRead")
                        .hasSizeLessThanOrEqualTo(20));
        tell(untilFailed, whole, requestsBefore);
        assertThat(largestCleanup.get())
                .as("bytes of the VpnCleanup")
                .isPositive()
                .isLessThanOrEqualTo(OBJECT);
        assertThat(largestStatus.get())
                .as("bytes of the VpnInstance's status")
                .isPositive()
                .isLessThan(INSTANCE_STATUS);
    }

    private void endedExactly(String gone) {
        VpnCleanup cleanup = cluster.cleanups("wide").getFirst();
        VpnCleanupStatus ended = cleanup.getStatus();
        assertThat(ended.phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(ended.counts()).isEqualTo(new Counts(NODES, NODES - 1, 1, 0, 0, 0));
        assertThat(ended.nodes()).extracting(NodeCleanup::node).hasSize(NODES).doesNotHaveDuplicates();
        assertThat(ended.nodes().getFirst().node()).isEqualTo(gone);
        assertThat(ended.nodes().getFirst().outcome()).isEqualTo(Outcome.NODE_GONE);
        assertThat(ended.nodes().subList(1, NODES))
                .allMatch(node -> node.outcome() == Outcome.VERIFIED && node.endedAt() != null)
                .allMatch(node -> node.attempts() >= 1 && node.attachmentUid() != null);
        // a node that is gone has told of no step
        assertThat(ended.components()
                        .get(Component.ROUTING_RULES_CLEAR.ordinal())
                        .evidence()
                        .rulesCleared())
                .isEqualTo(NODES - 1);
        assertThat(cluster.attachments("wide")).isEmpty();
    }

    /** For people who read the log: what this cost. */
    private void tell(Duration untilFailed, Duration whole, int requestsBefore) {
        var requests = cluster.requests().matching(request -> true);
        Map<String, Long> byKind = requests.subList(requestsBefore, requests.size()).stream()
                .collect(Collectors.groupingBy(
                        request -> request.method() + " "
                                + request.uri()
                                        .replaceAll(".*/(vpn[a-z]+|pods|daemonsets|nodes|leases)([/?].*)?$", "$1")
                                + (request.uri().contains("/status") ? "/status" : ""),
                        TreeMap::new,
                        Collectors.counting()));
        System.out.println("deletion on " + NODES + " nodes: " + untilFailed.toMillis() + " ms to the failures, "
                + whole.toMillis() + " ms in all; largest VpnCleanup " + largestCleanup
                + " bytes, largest status of the VpnInstance "
                + largestStatus + " bytes; requests of the operator " + byKind + ", writes "
                + byKind.entrySet().stream()
                        .filter(entry -> !entry.getKey().startsWith("GET"))
                        .mapToLong(Map.Entry::getValue)
                        .sum());
    }
}
