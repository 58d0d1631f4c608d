package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;

/** A workload's pod, not of ours, with a network namespace of its own. */
record PodOnNode(String name, String node) implements AutoCloseable {
    private static final String IMAGE =
            System.getenv().getOrDefault("URVPN_E2E_IMAGE", "docker.io/urvpn/runtime:0.2.0");

    static PodOnNode start(String name, String node) {
        Cluster.Result result = CLUSTER.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %1$s, namespace: default}
                spec:
                  nodeName: %2$s
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: wait
                    image: %3$s
                    command: [sleep, "%4$s"]
                """.formatted(name, node, IMAGE, marker(name)));
        if (result.exit() != 0) {
            throw new AssertionError(result.out());
        }
        CLUSTER.kubectl("wait", "pod/" + name, "--for=condition=Ready", "--timeout=60s");
        return new PodOnNode(name, node);
    }

    /** Seconds that no other process of the node sleeps. */
    private static String marker(String name) {
        return "8" + Math.floorMod(name.hashCode(), 10_000_000);
    }

    private String pid() {
        return new Node(node).pids("sleep " + marker(name)).getFirst();
    }

    /** Five echo requests from the pod's network namespace, with the node's ping. */
    String ping(String address) {
        return CLUSTER.on(
                node, "nsenter", "-t", pid(), "--net", "ping", "-q", "-c", "5", "-i", "0.1", "-W", "2", address);
    }

    /** Sends a hundred echo requests a second until the pod goes, or {@code ping} is killed on the node. */
    void pingsFor(String address) {
        CLUSTER.bash(
                node,
                "setsid nsenter -t \"$1\" --net ping -q -i 0.01 \"$2\" >/dev/null 2>&1 </dev/null &",
                pid(),
                address);
    }

    @Override
    public void close() {
        CLUSTER.kubectl("delete", "pod", name, "--force", "--grace-period=0");
    }
}
