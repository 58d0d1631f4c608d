package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Capabilities;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn nodes}: which agent answers where. */
@Command(
        name = "nodes",
        mixinStandardHelpOptions = true,
        description = "Show the nodes: agent, sweep, what each can do, and how many orphans it has.")
final class NodesCommand implements Callable<Integer> {
    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Output output;

    /**
     * A node, as {@code -o json} prints it.
     *
     * @param node name of the node
     * @param heardOf its agent has written lately; it writes at least every 5 minutes
     * @param held why the operator does nothing about its orphans before a person says so
     * @param status what the agent said last
     */
    record Seen(String node, boolean heardOf, String held, VpnNodeStatus status) {

        static Seen of(VpnNode node, Instant now) {
            Optional<Sweep> sweep = Optional.ofNullable(node.getStatus()).map(VpnNodeStatus::sweep);
            return new Seen(
                    node.getMetadata().getName(),
                    sweep.map(one -> one.heardOf(now)).orElse(false),
                    Optional.ofNullable(node.getMetadata().getAnnotations())
                            .map(annotations -> annotations.get(Names.ANNOTATION_HELD))
                            .orElse(null),
                    node.getStatus());
        }

        Optional<Sweep> sweep() {
            return Optional.ofNullable(status).map(VpnNodeStatus::sweep);
        }

        String silence(Instant now) {
            return sweep().map(Sweep::lastRunAt)
                    .map(last -> "not heard of for " + Text.age(last, now))
                    .orElse("has not swept yet");
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Instant now = Instant.now();
        List<Seen> nodes = read(root, now);
        if (output.isJson()) {
            out.println(Output.json(Map.of("nodes", nodes)));
        } else {
            lines(nodes, now).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    /** By name. */
    static List<Seen> read(KubectlVpn root, Instant now) {
        try (KubernetesClient client = root.client()) {
            return client.resources(VpnNode.class).list().getItems().stream()
                    .map(node -> Seen.of(node, now))
                    .sorted(Comparator.comparing(Seen::node))
                    .toList();
        }
    }

    /** As people read them. */
    static List<String> lines(List<Seen> nodes, Instant now) {
        if (nodes.isEmpty()) {
            return List.of("No agent has said anything yet: there is no VpnNode.");
        }
        Table table = new Table("NODE", "AGENT", "STARTED", "SWEEP", "CAPABILITIES", "INSTANCES", "ORPHANS");
        List<String> below = new ArrayList<>();
        nodes.forEach(node -> {
            Optional<VpnNodeStatus> status = Optional.ofNullable(node.status());
            table.row(
                    node.node(),
                    status.map(VpnNodeStatus::agentVersion).orElse(null),
                    Text.age(status.map(VpnNodeStatus::agentStartedAt).orElse(null), now),
                    node.heardOf() ? sweep(node.sweep().orElseThrow(), now) : node.silence(now),
                    status.map(VpnNodeStatus::capabilities)
                            .map(NodesCommand::capabilities)
                            .orElse(null),
                    node.sweep().map(Sweep::entries).orElse(null),
                    node.sweep().map(Sweep::orphansPresent).orElse(null));
            node.sweep()
                    .map(Sweep::error)
                    .ifPresent(error -> below.add(node.node() + ": could not be read whole: " + Text.plain(error)));
            if (node.held() != null) {
                below.add(node.node() + ": held: " + Text.plain(node.held()));
            }
        });
        return Stream.concat(table.lines("").stream(), below.stream()).toList();
    }

    private static String sweep(Sweep sweep, Instant now) {
        return "every " + sweep.intervalSeconds() + "s, told " + Text.age(sweep.lastRunAt(), now) + " ago";
    }

    private static String capabilities(Capabilities can) {
        return Stream.of(
                        Boolean.TRUE.equals(can.kernelWireGuard()) ? "wireguard" : null,
                        Boolean.TRUE.equals(can.tun()) ? "tun" : null,
                        Boolean.TRUE.equals(can.xfrm()) ? "xfrm" : null,
                        Boolean.TRUE.equals(can.nftables()) ? "nftables" : null)
                .filter(word -> word != null)
                .collect(Collectors.joining(","));
    }
}
