package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The operators' pods; the one with the Lease acts. */
final class Operators {
    /** How many the chart makes. */
    static final int REPLICAS = 2;

    private Operators() {}

    static LeaseSpec lease() {
        return CLUSTER.client
                .leases()
                .inNamespace(NAMESPACE)
                .withName("ur-vpn-operator")
                .get()
                .getSpec();
    }

    /** All of them, also those that are ending. */
    static List<Pod> pods() {
        return CLUSTER.client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", "operator")
                .list()
                .getItems();
    }

    static boolean isReady(Pod pod) {
        return !pod.isMarkedForDeletion()
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    /** Waits until each of them is ready and none is ending any more. */
    static void settled() {
        await("%d operators are ready, and no other is left".formatted(REPLICAS))
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(90))
                .until(
                        Operators::pods,
                        pods -> pods.size() == REPLICAS && pods.stream().allMatch(Operators::isReady));
    }

    /**
     * Has them on nodes of their own, where a drain has put them together: when a node with all of them is lost, it takes
     * Kubernetes a minute and more to make others.
     */
    static void spread() {
        settled();
        Set<String> nodes = nodes();
        if (nodes.size() == 1) {
            String shared = nodes.iterator().next();
            CLUSTER.kubectl("cordon", shared);
            try {
                CLUSTER.client.pods().resource(standby()).delete();
                settled();
            } finally {
                CLUSTER.kubectl("uncordon", shared);
            }
        }
        assertThat(nodes()).as("nodes with an operator").hasSize(REPLICAS);
    }

    private static Set<String> nodes() {
        return pods().stream().map(pod -> pod.getSpec().getNodeName()).collect(Collectors.toSet());
    }

    /** The first of those that stand by, where they have {@link #settled}. */
    static Pod standby() {
        String acting = acting().getMetadata().getName();
        return pods().stream()
                .filter(pod -> !pod.getMetadata().getName().equals(acting))
                .findFirst()
                .orElseThrow();
    }

    /** The one that acts, once there is one. */
    static Pod acting() {
        return await("an operator acts")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(60))
                .until(Operators::holder, Optional::isPresent)
                .orElseThrow();
    }

    private static Optional<Pod> holder() {
        String holder = lease().getHolderIdentity();
        return pods().stream()
                .filter(Operators::isReady)
                .filter(pod -> pod.getMetadata().getName().equals(holder))
                .findFirst();
    }
}
