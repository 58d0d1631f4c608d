package io.urvpn.apiserver.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.apiserver.faults.FaultProxy.Request;
import io.urvpn.operator.OperatorSettings.LeaderElection;
import io.urvpn.operator.VpnOperator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two operators: one acts, and what it had begun the other ends. */
class HandoverTest {
    private final FaultyCluster cluster = new FaultyCluster();
    private final FaultProxy forAgents = cluster.proxy(1);
    private final FaultProxy forFirst = cluster.proxy(2);
    private final FaultProxy forSecond = cluster.proxy(3);
    private final CountDownLatch firstLost = new CountDownLatch(1);
    private final List<String> names = new ArrayList<>();
    private final List<String> uids = new ArrayList<>();
    private VpnOperator first;
    private VpnOperator second;

    private static Optional<LeaderElection> election(String identity) {
        return Optional.of(new LeaderElection(
                "ur-vpn-operator", identity, Duration.ofSeconds(4), Duration.ofSeconds(3), Duration.ofMillis(500)));
    }

    @BeforeEach
    void up() {
        cluster.node("node-1", forAgents);
        cluster.node("node-2", forAgents);
        first = cluster.operator(forFirst, election("first"), firstLost::countDown);
        await().until(first::leads);
        second = cluster.operator(forSecond, election("second"), () -> {});
        for (int i = 0; i < 3; i++) {
            VpnInstance created = cluster.create("handover-" + i);
            names.add(created.getMetadata().getName());
            uids.add(created.getMetadata().getUid());
        }
        cluster.up(names);
    }

    @AfterEach
    void down() {
        cluster.close();
    }

    private static List<Request> writes(FaultProxy proxy) {
        // what an operator may do is a question, though it is asked by POST
        return proxy.passed(request ->
                request.isWrite() && !request.isOf("leases") && !request.uri().contains("/authorization.k8s.io/"));
    }

    private void deleteAndWaitForTheMiddle() {
        names.forEach(name ->
                cluster.admin().resources(VpnInstance.class).withName(name).delete());
        await().pollInterval(Duration.ofMillis(10))
                .until(() ->
                        uids.stream().anyMatch(uid -> !cluster.cleanups(uid).isEmpty()));
    }

    private void endedOnceAndVerified() {
        cluster.gone(names, Duration.ofSeconds(60));
        for (String uid : uids) {
            assertThat(cluster.cleanups(uid)).singleElement().satisfies(cleanup -> {
                assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
                assertThat(cleanup.getStatus().nodes()).hasSize(2).allMatch(node -> node.outcome() == Outcome.VERIFIED);
            });
            assertThat(cluster.traces("node-1", uid)).isEmpty();
            assertThat(cluster.traces("node-2", uid)).isEmpty();
        }
    }

    @Test
    void theOtherOneWritesNothing() {
        assertThat(second.leads()).isFalse();
        deleteAndWaitForTheMiddle();
        endedOnceAndVerified();
        assertThat(writes(forFirst)).hasSizeGreaterThan(20);
        assertThat(writes(forSecond)).isEmpty();
    }

    @Test
    void anOperatorThatIsEndedInTheMiddleHandsOver() {
        deleteAndWaitForTheMiddle();
        cluster.end(first);
        endedOnceAndVerified();
        oneAfterTheOther();
    }

    /** Cut off from the API server, it cannot renew; it must have stopped before the other may begin. */
    @Test
    void anOperatorThatIsCutOffInTheMiddleStopsBeforeTheOtherBegins() throws InterruptedException {
        deleteAndWaitForTheMiddle();
        forFirst.away(true);
        firstLost.await();
        long stopped = System.nanoTime();
        // in the process this is the halt
        forFirst.away(false);
        cluster.end(first);
        endedOnceAndVerified();
        oneAfterTheOther();
        assertThat(writes(forSecond).getFirst().atNanos()).isGreaterThan(stopped);
    }

    private void oneAfterTheOther() {
        assertThat(second.leads()).isTrue();
        assertThat(writes(forSecond)).isNotEmpty();
        long begins = writes(forSecond).getFirst().atNanos();
        assertThat(writes(forFirst))
                .as("what the first wrote after the second had begun")
                .filteredOn(write -> write.atNanos() > begins)
                .isEmpty();
    }
}
