package io.urvpn.apiserver.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.apiserver.faults.FaultProxy.Fault;
import io.urvpn.apiserver.faults.FaultProxy.Request;
import io.urvpn.operator.VpnOperator;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a bad day of the API server no cleanup is lost, and none is called done that is not. */
class BadDayTest {
    private static final List<String> NODES = List.of("node-1", "node-2");
    private static final int INSTANCES = 8;

    private final FaultyCluster cluster = new FaultyCluster();
    private final FaultProxy proxy = cluster.proxy(4);
    private VpnOperator operator;
    private final ScheduledExecutorService weather = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, String> uids = new LinkedHashMap<>();
    /** What was wrong at a moment at which the operator let something go. */
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void up() {
        NODES.forEach(node -> cluster.node(node, proxy));
        operator = cluster.operator(proxy, Optional.empty(), () -> {});
        for (int i = 0; i < INSTANCES; i++) {
            VpnInstance created = cluster.create("bad-day-" + i);
            uids.put(created.getMetadata().getName(), created.getMetadata().getUid());
        }
        cluster.up(List.copyOf(uids.keySet()));
        proxy.beforeEach(this::nothingIsLetGoThatIsNotClean);
    }

    @AfterEach
    void down() {
        weather.shutdownNow();
        proxy.refuse(0);
        cluster.close();
    }

    /** A finalizer goes by a JSON patch; before it is passed on the node is looked at. */
    private void nothingIsLetGoThatIsNotClean(Request request) {
        if (!request.method().equals("PATCH") || !request.body().contains("/metadata/finalizers/")) {
            return;
        }
        String name = request.uri().replaceAll(".*/([^/?]+)(\\?.*)?", "$1");
        if (request.isOf("vpnattachments")) {
            VpnAttachment attachment = cluster.admin()
                    .resources(VpnAttachment.class)
                    .withName(name)
                    .get();
            if (attachment != null) {
                verified(
                        attachment.getSpec().instance().uid(),
                        attachment.getSpec().nodeName());
            }
        } else if (request.isOf("vpninstances")) {
            NODES.forEach(node -> verified(uids.get(name), node));
            cluster.admin()
                    .resources(VpnAttachment.class)
                    .withLabel(Names.LABEL_INSTANCE_UID, uids.get(name))
                    .list()
                    .getItems()
                    .forEach(left -> wrong.add("attachment left of " + name + ": "
                            + left.getMetadata().getName()));
        }
    }

    private void verified(String uid, String node) {
        cluster.traces(node, uid).forEach(trace -> wrong.add("left on " + node + ": " + trace));
        boolean stored = cluster.cleanups(uid).stream()
                .flatMap(cleanup -> cleanup.getStatus().nodes().stream())
                .anyMatch(each -> each.node().equals(node)
                        && each.outcome() == Outcome.VERIFIED
                        && each.verdict().clean());
        if (!stored) {
            wrong.add("no verdict is stored for " + uid + " on " + node);
        }
    }

    private void deleteAll() {
        delete(uids.keySet());
    }

    private void delete(Collection<String> names) {
        names.forEach(name ->
                cluster.admin().resources(VpnInstance.class).withName(name).delete());
    }

    private void restartOperator() {
        cluster.end(operator);
        operator = cluster.operator(proxy, Optional.empty(), () -> {});
    }

    /** The first operations of these exist, and not all have ended. */
    private void inTheMiddle(Collection<String> names) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> names.stream()
                        .anyMatch(name -> !cluster.cleanups(uids.get(name)).isEmpty()));
    }

    private void allAreGoneAndVerified() {
        cluster.gone(List.copyOf(uids.keySet()), Duration.ofSeconds(150));
        assertThat(wrong).isEmpty();
        uids.forEach((name, uid) -> {
            assertThat(cluster.cleanups(uid))
                    .as("operations of %s", name)
                    .singleElement()
                    .satisfies(cleanup -> {
                        assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
                        assertThat(cleanup.getStatus().nodes()).hasSize(NODES.size());
                        assertThat(cleanup.getStatus().nodes()).allMatch(node -> node.outcome() == Outcome.VERIFIED);
                        assertThat(cleanup.getStatus().report().clean()).isTrue();
                    });
            NODES.forEach(node -> assertThat(cluster.traces(node, uid)).isEmpty());
        });
        System.out.println("faults done: " + proxy.faults());
    }

    @Test
    void refusedRequestsLostAnswersAndCutWatchesLoseNothing() {
        proxy.refuse(0.05);
        weather.scheduleWithFixedDelay(proxy::cutWatches, 500, 2_000, TimeUnit.MILLISECONDS);
        deleteAll();
        allAreGoneAndVerified();
        assertThat(proxy.faults().keySet()).contains(Fault.REFUSED, Fault.TOO_MANY, Fault.ANSWER_LOST, Fault.CUT);
    }

    @Test
    void anApiServerThatIsAwayInTheMiddleOfDeletionsLosesNothing() {
        deleteAll();
        inTheMiddle(uids.keySet());
        proxy.away(true);
        weather.schedule(() -> proxy.away(false), 15, TimeUnit.SECONDS);
        allAreGoneAndVerified();
        assertThat(proxy.faults()).containsKey(Fault.AWAY);
    }

    /** It believes that all tunnels are up, of which some are gone, and hears of the rest late. */
    @Test
    void anOperatorThatBeginsWithOldListsLosesNothingAndCallsNothingDoneThatIsNot() {
        proxy.forgetLists();
        restartOperator();
        List<String> names = List.copyOf(uids.keySet());
        delete(names.subList(0, INSTANCES / 2));
        cluster.gone(names.subList(0, INSTANCES / 2), Duration.ofSeconds(60));

        proxy.staleLists(true);
        proxy.delayWatches(Duration.ofMillis(100));
        weather.schedule(() -> proxy.staleLists(false), 12, TimeUnit.SECONDS);
        restartOperator();
        deleteAll();
        inTheMiddle(names.subList(INSTANCES / 2, INSTANCES));
        restartOperator();
        allAreGoneAndVerified();
        assertThat(proxy.faults()).containsKey(Fault.STALE);
    }
}
