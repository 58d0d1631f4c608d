package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody puts an older state of the cluster back, which knows nothing of what runs on the nodes since then. */
class RestoreTest {
    private final Tunnel kept = Tunnel.named("kept");
    private final Tunnel one = Tunnel.unanswered("since-0", 10).onlyOn("n1");
    private final List<Tunnel> many = IntStream.rangeClosed(1, 3)
            .mapToObj(i -> Tunnel.unanswered("since-" + i, 10 + i).onlyOn("n2"))
            .toList();

    /** What nothing explains is reported after two sweeps. */
    @BeforeAll
    static void sweepOften() {
        Release.upgrade("cleanupIntervalSeconds=5");
    }

    @AfterAll
    static void putBack() {
        Release.upgrade();
    }

    @AfterEach
    void remove() {
        CLUSTER.script("start-api");
        kept.remove();
        one.remove();
        many.forEach(Tunnel::remove);
    }

    /** What ran on a node, and what is asked of it when the API knows nothing of it any more. */
    private record Forgotten(String uid, String link, String node) {
        static Forgotten of(Tunnel tunnel, String node) {
            return new Forgotten(tunnel.uid(), tunnel.link(), node);
        }

        List<VpnCleanup> operations() {
            return Tunnel.operationsOf(uid);
        }

        /** What the agent has on record of it. */
        List<String> left() {
            return new Node(node)
                    .files().stream()
                            .filter(file -> file.startsWith("/var/lib/ur-vpn/") && file.contains(uid))
                            .toList();
        }

        void isCleaned() {
            await("the operation of what was forgotten on " + node)
                    .ignoreExceptions()
                    .atMost(Duration.ofSeconds(100))
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(operations())
                            .singleElement()
                            .satisfies(operation -> {
                                assertThat(operation.getSpec().operation()).isEqualTo(Operation.INSTANCE_VANISHED);
                                assertThat(operation.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
                                assertThat(operation.getStatus().nodes())
                                        .singleElement()
                                        .satisfies(read ->
                                                assertThat(read.outcome()).isEqualTo(Outcome.VERIFIED));
                            }));
            await("the agent has seen that the attachment is gone, and forgets it")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(left()).isEmpty());
            assertThat(new Node(node).links()).noneMatch(line -> line.contains(" " + link + ":"));
        }
    }

    private static Optional<String> held(String node) {
        VpnNode found = CLUSTER.client.resources(VpnNode.class).withName(node).get();
        return Optional.ofNullable(found.getMetadata().getAnnotations())
                .map((Map<String, String> annotations) -> annotations.get("urvpn.io/held"));
    }

    @Test
    void takesNoTunnelDownThatIsInItAndWhatItForgotIsReportedOrCleaned() throws Exception {
        kept.apply().ready();
        List<String> pods = List.of(kept.pods("n1").getFirst(), kept.pods("n2").getFirst());
        Pings first = Pings.from("n1");
        Pings second = Pings.from("n2");
        Path file = Files.createTempFile("urvpn-e2e", ".etcd");
        CLUSTER.script("snapshot", file.toString());
        one.apply().inPlace();
        many.forEach(tunnel -> tunnel.apply());
        many.forEach(Tunnel::inPlace);
        Forgotten lone = Forgotten.of(one, "n1");
        List<Forgotten> several =
                many.stream().map(tunnel -> Forgotten.of(tunnel, "n2")).toList();

        restore(file);

        assertThat(one.find()).isEmpty();
        await("so many at once wait for a person")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(100))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> held("n2").filter(why -> why.contains("3 of 4")).isPresent());
        assertThat(several).allSatisfy(forgotten -> {
            assertThat(forgotten.left()).isNotEmpty();
            assertThat(forgotten.operations()).isEmpty();
        });
        lone.isCleaned();
        CLUSTER.kubectl("annotate", "vpnnode", "n2", "urvpn.io/retry=" + me() + ": the restore is what was wanted");
        several.forEach(Forgotten::isCleaned);
        assertThat(held("n2")).isEmpty();

        kept.ready();
        first.lostNone();
        second.lostNone();
        assertThat(List.of(kept.pods("n1").getFirst(), kept.pods("n2").getFirst()))
                .isEqualTo(pods);
    }

    private static void restore(Path file) throws IOException {
        CLUSTER.script("restore", file.toString());
        Files.delete(file);
    }

    /** Who the API server takes this test for. */
    private static String me() {
        return CLUSTER.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
                .strip();
    }
}
