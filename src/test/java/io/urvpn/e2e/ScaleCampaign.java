package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two hundred instances, half of them on each node, deleted at once, with little memory for operator and agents. Not part of
 * {@code make test}: {@code make campaign} runs it.
 */
class ScaleCampaign {
    private static final int INSTANCES = Integer.getInteger("urvpn.scale", 200);
    private static final String OPERATOR_LIMIT = "256Mi";
    /** 128Mi is too little for 100 instances: the Java runtime's own parts take some 70 MB beside a heap of at most 64 MB. */
    private static final String AGENT_LIMIT = "192Mi";

    private static final int SLOWEST_TO_MEDIAN = 5;
    private static final Duration IDLE = Duration.ofSeconds(330);
    private static final double WRITES_FOR_A_HUNDRED = 0.5;
    private static final String INOTIFY = "fs.inotify.max_user_instances";

    private String inotifyBefore;

    /** wireguard-go watches its socket; the nodes are one machine here, which allows 128 such watches to a user as it comes. */
    private static String inotifyInstances(String number) {
        String before = CLUSTER.on("n1", "sysctl", "-n", INOTIFY).strip();
        CLUSTER.on("n1", "sysctl", "-qw", INOTIFY + "=" + number);
        return before;
    }

    @BeforeEach
    void limit() {
        inotifyBefore = inotifyInstances("1024");
        CLUSTER.kubectl(
                "set", "resources", "deployment/ur-vpn-operator", "-n", NAMESPACE, "--limits=memory=" + OPERATOR_LIMIT);
        CLUSTER.kubectl(
                "set",
                "resources",
                "daemonset/ur-vpn-agent",
                "-n",
                NAMESPACE,
                "--limits=memory=" + AGENT_LIMIT,
                "--requests=memory=" + AGENT_LIMIT);
        rolledOut();
    }

    @AfterEach
    void unlimit() {
        inotifyInstances(inotifyBefore);
        CLUSTER.kubectl("delete", "vpn", "-l", "scale=true", "--wait=false");
        CLUSTER.kubectl("rollout", "undo", "deployment/ur-vpn-operator", "-n", NAMESPACE);
        CLUSTER.kubectl("rollout", "undo", "daemonset/ur-vpn-agent", "-n", NAMESPACE);
        rolledOut();
    }

    private static void rolledOut() {
        CLUSTER.kubectl("rollout", "status", "deployment/ur-vpn-operator", "-n", NAMESPACE, "--timeout=120s");
        CLUSTER.kubectl("rollout", "status", "daemonset/ur-vpn-agent", "-n", NAMESPACE, "--timeout=120s");
    }

    @Test
    void allAreVerifiedWithinTheirMemoryAndNoneWaitsForTheOthers() {
        Instant applied = Instant.now();
        assertThat(CLUSTER.apply(IntStream.range(0, INSTANCES)
                                .mapToObj(ScaleCampaign::yaml)
                                .collect(Collectors.joining("---\n")))
                        .exit())
                .isZero();
        await().atMost(Duration.ofMinutes(15))
                .pollInterval(Duration.ofSeconds(2))
                .until(() ->
                        instances().stream().filter(ScaleCampaign::isInPlace).count() == INSTANCES);
        say("%d instances are in place after %d s"
                .formatted(INSTANCES, Duration.between(applied, Instant.now()).toSeconds()));
        memory("up");
        idle();
        List<String> uids =
                instances().stream().map(each -> each.getMetadata().getUid()).toList();

        Instant deleted = Instant.now();
        CLUSTER.kubectl("delete", "vpn", "-l", "scale=true", "--wait=false");
        await().atMost(Duration.ofMinutes(15))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> instances().isEmpty());
        memory("deleted");

        List<VpnCleanup> operations = CLUSTER.client.resources(VpnCleanup.class).list().getItems().stream()
                .filter(each -> uids.contains(each.getSpec().instance().uid()))
                .toList();
        assertThat(operations).hasSize(INSTANCES).allSatisfy(each -> {
            assertThat(each.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
            assertThat(each.getStatus().nodes())
                    .singleElement()
                    .satisfies(node -> assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED));
        });
        List<Long> took = operations.stream()
                .map(each -> Duration.between(
                                each.getSpec().requestedAt(), each.getStatus().completedAt())
                        .toMillis())
                .sorted()
                .toList();
        long median = took.get(took.size() / 2);
        say("%d deletions: fastest %d ms, median %d ms, slowest %d ms, all gone after %d s"
                .formatted(
                        INSTANCES,
                        took.getFirst(),
                        median,
                        took.getLast(),
                        Duration.between(deleted, Instant.now()).toSeconds()));
        assertThat(took.getLast()).isLessThan(SLOWEST_TO_MEDIAN * median);
        assertThat(restarts()).as("containers that ended, by memory or else").isEmpty();
        for (String node : Tunnel.NODES) {
            assertThat(new Node(node).rules()).noneMatch(line -> line.contains("proto 200"));
            assertThat(new Node(node).routes()).noneMatch(line -> line.contains("proto 200"));
            assertThat(new Node(node).pids("wireguard-go", "urv")).isEmpty();
        }
    }

    /** Longer than the five minutes in which each attachment may write its counters once. */
    private static void idle() {
        Map<String, Double> before = ApiRequests.writes();
        Instant began = Instant.now();
        await().atMost(IDLE.plusMinutes(1))
                .pollInterval(Duration.ofSeconds(5))
                .until(() -> Instant.now().isAfter(began.plus(IDLE)));
        Map<String, Double> writes = ApiRequests.between(before, ApiRequests.writes());
        double each = writes.values().stream().mapToDouble(Double::doubleValue).sum()
                / Duration.between(began, Instant.now()).toSeconds();
        say("%d idle instances: %.2f writes a second, by resource %s".formatted(INSTANCES, each, writes));
        assertThat(each).isLessThan(WRITES_FOR_A_HUNDRED * INSTANCES / 100);
    }

    private static List<VpnInstance> instances() {
        return CLUSTER.client
                .resources(VpnInstance.class)
                .withLabel("scale", "true")
                .list()
                .getItems();
    }

    private static boolean isInPlace(VpnInstance instance) {
        return instance.getStatus() != null
                && instance.getStatus().conditions() != null
                && instance.getStatus().conditions().stream()
                        .anyMatch(each -> each.getType().equals("Ready")
                                && each.getReason().equals(Reasons.WAITING_FOR_HANDSHAKE));
    }

    /** A tunnel of its own key, to a peer that never answers. */
    private static String yaml(int i) {
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: scale-%1$d, namespace: %2$s, labels: {scale: "true"}}
                stringData:
                  wg.conf: |
                %3$s
                ---
                apiVersion: urvpn.io/v1alpha1
                kind: VpnInstance
                metadata: {name: scale-%1$d, labels: {scale: "true"}}
                spec:
                  type: WireGuard
                  configSecretRef: {name: scale-%1$d}
                  nodeSelector: {kubernetes.io/hostname: n%4$d}
                  routes: [{destination: 10.210.%1$d.0/24}]
                  cleanup: {verificationDelaySeconds: 1}
                """.formatted(
                        i,
                        NAMESPACE,
                        Tunnel.unanswered("10.211." + i + ".2/32", "10.210." + i + ".0/24")
                                .indent(4),
                        i % 2 + 1);
    }

    private static List<Pod> ours() {
        return CLUSTER.client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component")
                .list()
                .getItems();
    }

    private static List<String> restarts() {
        return ours().stream()
                .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                .filter(status -> status.getRestartCount() > 0)
                .map(ContainerStatus::getLastState)
                .map(Objects::toString)
                .toList();
    }

    /** The most that each process ever had, and what it has now. */
    private static void memory(String when) {
        for (String node : Tunnel.NODES) {
            CLUSTER.bash(node, """
                    for process in /proc/[0-9]*; do
                      [[ $(readlink $process/exe) == /opt/java/bin/java ]] || continue
                      echo "$(tr '\\0' '\\n' <$process/cmdline | tail -1) $(awk '/^VmHWM|^VmRSS/ {printf "%s %d MB ", $1, $2 / 1024}' $process/status)"
                    done""").lines().forEach(line -> say(when + " on " + node + ": " + line));
        }
    }

    private static void say(String text) {
        System.out.println("campaign: " + text);
    }
}
