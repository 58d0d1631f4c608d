package io.urvpn.cli;

import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.cli.NodesCommand.Seen;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn orphans}: what the sweeps found. */
@Command(
        name = "orphans",
        mixinStandardHelpOptions = true,
        description = "Show what the sweeps found on each node that nothing explains.")
final class OrphansCommand implements Callable<Integer> {
    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Output output;

    /**
     * The orphans of a node, as {@code -o json} prints them.
     *
     * @param node name of the node
     * @param heardOf its agent has written lately; where not, what the node has now is not known
     * @param sweptAt when the sweep that was told last ended
     * @param present how many there are; orphans holds the first of them
     * @param held why the operator does nothing about them before a person says so
     * @param orphans what was found
     */
    record Found(String node, boolean heardOf, Instant sweptAt, int present, String held, List<Orphan> orphans) {

        static Found of(Seen seen) {
            List<Orphan> orphans = seen.sweep().map(Sweep::orphans).orElse(List.of());
            return new Found(
                    seen.node(),
                    seen.heardOf(),
                    seen.sweep().map(Sweep::lastRunAt).orElse(null),
                    seen.sweep().map(Sweep::orphansPresent).orElse(orphans.size()),
                    seen.held(),
                    orphans);
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Instant now = Instant.now();
        List<Found> found = NodesCommand.read(root, now).stream().map(Found::of).toList();
        if (output.isJson()) {
            out.println(Output.json(Map.of("nodes", found)));
        } else {
            lines(found, now).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    /** As people read them. */
    static List<String> lines(List<Found> nodes, Instant now) {
        Table table = new Table("NODE", "KIND", "IDENTITY", "INSTANCE", "ACTION", "FIRST-SEEN", "MESSAGE");
        List<String> below = new ArrayList<>();
        nodes.forEach(node -> {
            node.orphans().forEach(orphan -> row(table, node.node(), orphan, now));
            below.addAll(notes(node, now));
        });
        long clean = nodes.stream()
                .filter(node -> node.heardOf() && node.present() == 0)
                .count();
        List<String> lines = new ArrayList<>();
        if (nodes.stream().anyMatch(node -> !node.orphans().isEmpty())) {
            lines.addAll(table.lines(""));
        }
        lines.addAll(below);
        lines.add(Text.count(clean, "node") + " of " + nodes.size() + " without an orphan.");
        return lines;
    }

    private static void row(Table table, String node, Orphan orphan, Instant now) {
        table.row(
                node,
                orphan.kind(),
                orphan.identity(),
                Optional.ofNullable(orphan.instanceName()).orElse(orphan.instanceUid()),
                orphan.action(),
                Text.age(orphan.firstSeenAt(), now) + " ago",
                orphan.message());
    }

    private static List<String> notes(Found node, Instant now) {
        List<String> notes = new ArrayList<>();
        if (node.present() > node.orphans().size()) {
            notes.add(node.node() + ": " + node.present() + " orphans, of which the first "
                    + node.orphans().size() + " are shown");
        }
        if (!node.heardOf()) {
            notes.add(node.node() + ": "
                    + (node.sweptAt() == null
                            ? "has not swept yet"
                            : "not heard of for " + Text.age(node.sweptAt(), now) + ", what it has now is not known"));
        }
        if (node.held() != null) {
            notes.add(node.node() + ": held: " + Text.plain(node.held()));
        }
        return notes;
    }
}
