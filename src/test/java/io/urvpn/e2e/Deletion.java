package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import java.time.Duration;
import java.util.List;

/** A deletion that was begun, and what must have become of it in the end, whatever happened meanwhile. */
record Deletion(Tunnel tunnel, String uid, String link, String operation, int nodes) {

    static Deletion begin(Tunnel tunnel) {
        String uid = tunnel.uid();
        String link = tunnel.link();
        int nodes = tunnel.attachments().size();
        tunnel.beginDelete();
        // the operator that acted may just have gone; another takes its Lease after 15 s at most
        await("the operation of " + tunnel.name)
                .atMost(Duration.ofSeconds(30))
                .until(() -> tunnel.operation().isPresent());
        return new Deletion(
                tunnel,
                uid,
                link,
                tunnel.operation().orElseThrow().getMetadata().getName(),
                nodes);
    }

    /** True while the instance is there and its operation has not ended. */
    boolean underWay() {
        VpnCleanupStatus status = tunnel.operation().orElseThrow().getStatus();
        return tunnel.find().isPresent() && (status == null || status.phase() != OperationPhase.COMPLETED);
    }

    /**
     * Each ends under the operation that it began with, and no other; nothing is left on any node. A kubelet that hears late of a
     * pod's end may make an empty directory once more, which the second sweep after that takes.
     */
    static void allEndVerified(List<Deletion> deletions, Duration within) {
        deletions.forEach(deletion -> deletion.ends(within));
        deletions.forEach(Deletion::hasEveryVerdict);
        for (Deletion deletion : deletions) {
            for (String node : Tunnel.NODES) {
                await().atMost(Duration.ofSeconds(75))
                        .untilAsserted(() -> new Node(node).hasNoTraceOf(deletion.uid, deletion.link));
            }
        }
    }

    /** At the moment in which the instance is gone its interface is on no node any more. */
    void ends(Duration within) {
        await("%s is gone".formatted(tunnel.name))
                .ignoreExceptions()
                .atMost(within)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> tunnel.find().isEmpty());
        for (String node : Tunnel.NODES) {
            assertThat(new Node(node).links()).noneMatch(line -> line.contains(" " + link + ":"));
        }
    }

    /** It ended with all evidence, under the operation with which it began and no other. */
    void hasEveryVerdict() {
        assertThat(Tunnel.operationsOf(uid)).singleElement().satisfies(one -> {
            assertThat(one.getMetadata().getName()).isEqualTo(operation);
            assertThat(one.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
            assertThat(one.getStatus().nodes()).hasSize(nodes).allSatisfy(node -> {
                assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED);
                assertThat(node.verdict().report().clean()).isTrue();
            });
        });
    }
}
