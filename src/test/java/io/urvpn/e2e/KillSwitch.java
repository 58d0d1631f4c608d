package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Makes operator or agent end as by SIGKILL after a chosen write to the API server or change of the node (see {@code KillPoints}),
 * and tells what they did.
 */
final class KillSwitch implements AutoCloseable {
    private static final String DIRECTORY = "/run/kill-points";
    private static final int KILLED = 137;

    /** A process that can be ended. */
    enum Mode {
        OPERATOR("deployment/ur-vpn-operator"),
        AGENT("daemonset/ur-vpn-agent");

        private final String workload;

        Mode(String workload) {
            this.workload = workload;
        }

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** After which {@code kind} ({@code write} or {@code change}) of a process, counted from the beginning of a deletion. */
    record Point(Mode mode, String kind, int number) {
        @Override
        public String toString() {
            return mode.label() + " " + kind + " " + number;
        }
    }

    /** The pods that are counted: another operator may act when one was ended. */
    private final Map<Mode, Pod> armed = new EnumMap<>(Mode.class);

    private KillSwitch() {}

    /** Operator and agents start anew with the switch in them. */
    static KillSwitch install() {
        for (String node : Tunnel.NODES) {
            CLUSTER.bash(node, "mkdir -p $1/operator $1/agent && chmod 777 $1/*", DIRECTORY);
        }
        for (Mode mode : Mode.values()) {
            String directory = DIRECTORY + "/" + mode.label();
            CLUSTER.kubectl("patch", mode.workload, "-n", NAMESPACE, "-p", """
                    {"spec":{"template":{"spec":{
                      "volumes":[{"name":"kill-points","hostPath":{"path":"%1$s","type":"Directory"}}],
                      "containers":[{"name":"%2$s",
                        "env":[{"name":"URVPN_KILL_POINTS","value":"%1$s"}],
                        "volumeMounts":[{"name":"kill-points","mountPath":"%1$s"}]}]}}}}
                    """.formatted(directory, mode.label()));
        }
        rolledOut();
        return new KillSwitch();
    }

    private static void rolledOut() {
        for (Mode mode : Mode.values()) {
            CLUSTER.kubectl("rollout", "status", mode.workload, "-n", NAMESPACE, "--timeout=120s");
        }
        // an operator that is ended gracefully still has a pod for a while
        Operators.settled();
    }

    /** The operator that acts, or the agent of n1. */
    private static Pod pod(Mode mode) {
        return mode == Mode.OPERATOR
                ? Operators.acting()
                : CLUSTER
                        .client
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withLabel("app.kubernetes.io/component", mode.label())
                        .list()
                        .getItems()
                        .stream()
                        .filter(pod -> !pod.isMarkedForDeletion())
                        .filter(pod -> "n1".equals(pod.getSpec().getNodeName()))
                        .findFirst()
                        .orElseThrow();
    }

    private String on(Mode mode, String script, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = DIRECTORY + "/" + mode.label();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return CLUSTER.bash(armed.get(mode).getSpec().getNodeName(), script, all);
    }

    /** From now on both are counted, and end at this point. */
    void arm(Point point) {
        disarm();
        for (Mode mode : Mode.values()) {
            armed.put(mode, pod(mode));
            on(
                    mode,
                    "rm -f $1/noted $1/fired; echo \"$2\" >$1/.armed; chmod 666 $1/.armed; mv $1/.armed $1/armed",
                    point.mode() == mode ? point.kind() + " " + point.number() : "count");
        }
    }

    /** From now on both are counted. */
    void count() {
        arm(new Point(Mode.OPERATOR, "nothing", 0));
    }

    /** Nothing is counted any more, and nothing ends. */
    void disarm() {
        for (Mode mode : armed.keySet()) {
            on(mode, "rm -f $1/armed");
        }
    }

    /** What a process did since it was armed, one line each. */
    List<String> noted(Mode mode) {
        return on(mode, "cat $1/noted 2>/dev/null || true").lines().toList();
    }

    /** How many writes or changes a process made since it was armed. */
    int noted(Mode mode, String kind) {
        return (int)
                noted(mode).stream().filter(line -> line.startsWith(kind + " ")).count();
    }

    /** Whether the process ended at the point that it was armed for. */
    boolean fired(Mode mode) {
        return on(mode, "[ ! -e $1/fired ] || echo fired").contains("fired");
    }

    /** The kubelet started the process again, in the same pod, after it had ended as by SIGKILL. */
    void startedAgain(Mode mode) {
        await("%s runs again".formatted(mode.label()))
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(status(mode)).satisfies(status -> {
                    assertThat(status.getReady()).isTrue();
                    assertThat(status.getLastState().getTerminated()).isNotNull();
                    assertThat(status.getLastState().getTerminated().getExitCode())
                            .isEqualTo(KILLED);
                }));
    }

    private ContainerStatus status(Mode mode) {
        return CLUSTER.client
                .resource(armed.get(mode))
                .get()
                .getStatus()
                .getContainerStatuses()
                .getFirst();
    }

    /** A new pod in the place of one that was restarted: the next restart of its container would wait for longer. */
    void renew(Mode mode) {
        CLUSTER.kubectl(
                "delete", "pod", "-n", NAMESPACE, armed.get(mode).getMetadata().getName());
        rolledOut();
    }

    /** Operator and agents start anew without it. */
    @Override
    public void close() {
        for (Mode mode : Mode.values()) {
            CLUSTER.kubectl("rollout", "undo", mode.workload, "-n", NAMESPACE);
        }
        rolledOut();
    }
}
