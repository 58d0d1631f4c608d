package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.e2e.Interleaving.Kind;
import io.urvpn.e2e.Interleaving.Move;
import io.urvpn.e2e.Interleaving.Until;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Lets {@link Interleaving}s happen on the cluster, one instance of each type at once and one whose peer is not there, and holds
 * that each ends clean. A seed can be given in urvpn.seed; that of a failure repeats its interleaving alone.
 */
final class Interleavings {
    /** Instances of one interleaving; each counts as one. */
    static final int AT_ONCE = 4;

    private static final Duration MOMENT = Duration.ofSeconds(3);
    private static final Duration END = Duration.ofSeconds(180);
    /** The second sweep after a kubelet made an empty directory once more takes it. */
    private static final Duration SWEPT = Duration.ofSeconds(75);

    private static final Map<Kind, String> PATCHES = Map.of(
            Kind.EDIT_ROUTES, "{\"spec\":{\"routes\":[{\"destination\":\"10.214.0.0/24\"}]}}",
            Kind.EDIT_MTU, "{\"spec\":{\"mtu\":1300}}",
            Kind.EDIT_MASQUERADE, "{\"spec\":{\"masquerade\":true}}",
            Kind.NARROW_TO_ONE_NODE, "{\"spec\":{\"nodeSelector\":{\"kubernetes.io/hostname\":\"n1\"}}}",
            Kind.SUSPEND, "{\"spec\":{\"suspend\":true}}",
            Kind.RESUME, "{\"spec\":{\"suspend\":false}}");

    private final List<Supplier<Tunnel>> kinds = List.of(
            () -> Tunnel.named("mixed-wireguard"),
            () -> Tunnel.openVpn("mixed-openvpn"),
            () -> Tunnel.ipsec("mixed-ipsec"),
            () -> Tunnel.unanswered("mixed-unanswered", 9));

    /** One instance in an interleaving; uid and link as they were when it was seen last. */
    private static final class Subject {
        private final Tunnel tunnel;
        private String uid;
        private String link = "";

        Subject(Tunnel tunnel) {
            this.tunnel =
                    tunnel.cleanup("{verificationDelaySeconds: 0, timeoutSeconds: 30, disconnectTimeoutSeconds: 2}");
        }

        void create() {
            tunnel.apply();
            uid = tunnel.uid();
        }

        void look() {
            tunnel.find()
                    .map(instance -> instance.getStatus())
                    .filter(status -> status != null && status.interfaceName() != null)
                    .ifPresent(status -> link = status.interfaceName());
        }
    }

    /** So many interleavings from a seed on: the given one, or what urvpn.seed says. */
    static void run(int instances, Supplier<Long> otherwise) {
        String given = System.getProperty("urvpn.seed");
        long first = given == null || given.isBlank() ? otherwise.get() : Long.parseLong(given.strip());
        int rounds = (instances + AT_ONCE - 1) / AT_ONCE;
        say("%d interleavings of one instance, %d at once, from seed %d on"
                .formatted(rounds * AT_ONCE, AT_ONCE, first));
        Interleavings interleavings = new Interleavings();
        for (long seed = first; seed < first + rounds; seed++) {
            long began = System.nanoTime();
            try {
                interleavings.run(Interleaving.of(seed, AT_ONCE));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + " (SEED=" + seed + " repeats it): " + e.getMessage(), e);
            }
            say("seed %d ended clean after %d s".formatted(seed, (System.nanoTime() - began) / 1_000_000_000));
        }
    }

    private void run(Interleaving interleaving) {
        List<Subject> subjects =
                kinds.stream().map(kind -> new Subject(kind.get())).toList();
        try {
            for (Move move : interleaving.moves()) {
                say("  " + move);
                make(move, subjects.get(move.instance()));
            }
            subjects.forEach(Interleavings::endsClean);
        } finally {
            subjects.forEach(subject -> subject.tunnel.remove());
        }
    }

    private static void make(Move move, Subject subject) {
        Tunnel tunnel = subject.tunnel;
        Node node = new Node(move.node());
        switch (move.kind()) {
            case CREATE -> subject.create();
            case DELETE -> {
                subject.look();
                CLUSTER.kubectl("delete", "vpninstance", tunnel.name, "--wait=false");
            }
            case KILL_DAEMON -> signal(node, "KILL", daemons(node, subject));
            case HANG_DAEMON -> signal(node, "STOP", daemons(node, subject));
            case KILL_LAUNCHER -> signal(node, "KILL", launchers(node, subject));
            case DELETE_POD -> deletePods("urvpn.io/instance-uid=" + subject.uid, move.node());
            case KILL_AGENT -> end(node, "agent");
            case KILL_OPERATOR -> Tunnel.NODES.forEach(one -> end(new Node(one), "operator"));
            case REBOOT -> CLUSTER.script("reboot", move.node());
            default ->
                CLUSTER.tryScript(
                        "kubectl", "patch", "vpn", tunnel.name, "--type=merge", "-p", PATCHES.get(move.kind()));
        }
        subject.look();
        comesAsFarAs(move.until(), subject, move.node());
    }

    /** Whatever is called so in a pod of the instance, by the mark in its environment. */
    private static List<String> processes(Node node, Subject subject, String expression) {
        return CLUSTER.bash(node.name(), """
                        for pid in $(pgrep -f "$2"); do
                          grep -qsz "^URVPN_INSTANCE_UID=$1$" /proc/$pid/environ && echo "$pid"
                        done
                        true""", subject.uid, expression).lines().toList();
    }

    private static List<String> daemons(Node node, Subject subject) {
        return processes(node, subject, "^([^ ]*/)?(wireguard-go|openvpn|charon-systemd)( |$)");
    }

    private static List<String> launchers(Node node, Subject subject) {
        return processes(node, subject, "^([^ ]*/)?urvpn-launcher( |$)");
    }

    private static void signal(Node node, String signal, List<String> pids) {
        pids.forEach(pid -> CLUSTER.tryOn(node.name(), "", "kill", "-" + signal, pid));
    }

    /** Ends it as a crash does; the pod goes too, as the kubelet would wait for longer before each further restart. */
    private static void end(Node node, String mode) {
        signal(node, "KILL", node.pids("java", "quarkus-run.jar", " " + mode));
        deletePods("app.kubernetes.io/component=" + mode, node.name());
    }

    private static void deletePods(String label, String node) {
        CLUSTER.kubectl(
                "delete",
                "pod",
                "-n",
                NAMESPACE,
                "-l",
                label,
                "--field-selector=spec.nodeName=" + node,
                "--wait=false",
                "--ignore-not-found");
    }

    /** For a moment at most: what was done before may keep it from coming so far. */
    private static void comesAsFarAs(Until until, Subject subject, String node) {
        BooleanSupplier there = switch (until) {
            case NOTHING -> () -> true;
            case PERMITTED ->
                () -> attachments(subject, node).anyMatch(one -> one.getStatus().permittedPodUid() != null);
            case LINKED ->
                () -> attachments(subject, node).anyMatch(one -> one.getStatus().link() != null);
            case READY -> () -> subject.tunnel.readyOn(node);
        };
        try {
            await().ignoreExceptions()
                    .atMost(MOMENT)
                    .pollInterval(Duration.ofMillis(100))
                    .until(there::getAsBoolean);
        } catch (ConditionTimeoutException e) {
            say("    is not " + until + " yet");
        }
    }

    private static Stream<VpnAttachment> attachments(Subject subject, String node) {
        return subject.tunnel.attachments().stream()
                .filter(one -> one.getSpec().nodeName().equals(node))
                .filter(one -> one.getStatus() != null);
    }

    private static void endsClean(Subject subject) {
        await(subject.tunnel.name + " is gone")
                .ignoreExceptions()
                .atMost(END)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> subject.tunnel.find().isEmpty());
        for (VpnCleanup operation : Tunnel.operationsOf(subject.uid)) {
            assertThat(operation.getStatus().phase())
                    .as(operation.getMetadata().getName())
                    .isEqualTo(OperationPhase.COMPLETED);
            assertThat(operation.getStatus().nodes()).allSatisfy(node -> {
                assertThat(node.outcome()).as(node.node()).isEqualTo(Outcome.VERIFIED);
                assertThat(node.verdict().report().clean()).isTrue();
            });
        }
        assertThat(attachmentsLeft(subject.uid)).isEmpty();
        for (String node : Tunnel.NODES) {
            await().atMost(SWEPT)
                    .untilAsserted(() -> new Node(node)
                            .hasNoTraceOf(subject.uid, subject.link.isEmpty() ? subject.uid : subject.link));
        }
    }

    private static List<String> attachmentsLeft(String uid) {
        return CLUSTER.client.resources(VpnAttachment.class).list().getItems().stream()
                .filter(one -> one.getSpec().instance().uid().equals(uid))
                .map(one -> one.getMetadata().getName())
                .toList();
    }

    private static void say(String text) {
        System.out.println("interleavings: " + text);
    }
}
