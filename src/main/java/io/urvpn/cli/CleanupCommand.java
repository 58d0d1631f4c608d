package io.urvpn.cli;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn cleanup}. */
@Command(
        name = "cleanup",
        mixinStandardHelpOptions = true,
        description = "Cleanup operations: what became of deleted and suspended tunnels, and stepping in.",
        synopsisSubcommandLabel = "COMMAND")
final class CleanupCommand {
    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Command(mixinStandardHelpOptions = true, description = "List the operations, those that are open first.")
    int list(@Option(names = "--instance", description = "Of this VpnInstance only.") String instance) {
        try (KubernetesClient client = root.client()) {
            List<VpnCleanup> all = client.resources(VpnCleanup.class).list().getItems().stream()
                    .filter(cleanup -> instance == null
                            || instance.equals(cleanup.getSpec().instance().name()))
                    .sorted(Comparator.comparing(
                                    (VpnCleanup cleanup) -> "COMPLETED".equals(Words.phase(cleanup)) ? 1 : 0)
                            .thenComparing(cleanup -> cleanup.getSpec().requestedAt(), Comparator.reverseOrder()))
                    .toList();
            print(Words.table(all));
            return 0;
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Show the timeline and the evidence of one operation.")
    int show(
            @Parameters(paramLabel = "ID|INSTANCE", description = "An operation, or an instance: its newest operation.")
                    String name,
            @Mixin Output output) {
        try (KubernetesClient client = root.client()) {
            VpnCleanup cleanup =
                    Operations.find(client, name).orElseThrow(() -> new Unusable("there is no VpnCleanup of " + name));
            print(output.isJson() ? List.of(Output.json(cleanup)) : Words.whole(cleanup));
            return Operations.exit(cleanup).orElse(0);
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Follow an operation to its end.")
    int watch(
            @Parameters(paramLabel = "ID|INSTANCE", description = "An operation, or an instance: its newest operation.")
                    String name,
            @Mixin Patience patience)
            throws InterruptedException {
        Duration longest = patience.or(Duration.ofMinutes(10));
        try (KubernetesClient client = root.client();
                Progress progress = root.progress(name, false)) {
            return new Following(
                            () -> Operations.find(client, name),
                            Optional.empty(),
                            progress,
                            cleanup -> "To look again: kubectl vpn cleanup watch " + name)
                    .toTheEnd(longest);
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Let the next verification be now (verb retry).")
    int retry(
            @Parameters(paramLabel = "ID|INSTANCE|ATTACHMENT", description = "What it is for.") String name,
            @Option(names = "--reason", required = true, description = "Why; it stays on record.") String reason) {
        return say("retry", name, "", reason);
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Leave a component out: it is not run any more, and its part is not read (verb skip).")
    int skip(
            @Parameters(paramLabel = "ID|INSTANCE|ATTACHMENT", description = "What it is for.") String name,
            @Option(names = "--component", required = true, description = "One of ${COMPLETION-CANDIDATES}.")
                    Component component,
            @Option(names = "--node", defaultValue = "*", description = "On this node only. Default: on each.")
                    String node,
            @Option(names = "--reason", required = true, description = "Why; it stays on record.") String reason) {
        return say("skip", name, component + "@" + node, reason);
    }

    @Command(
            mixinStandardHelpOptions = true,
            description =
                    "End the wait for nodes without a verification (verb force). What is on them stays there, unread,"
                            + " until their agents are back.")
    int force(
            @Parameters(paramLabel = "ID|INSTANCE|ATTACHMENT", description = "What it is for.") String name,
            @Option(names = "--node", defaultValue = "*", description = "For this node only. Default: for each.")
                    String node,
            @Option(names = "--reason", required = true, description = "Why; it stays on record.") String reason,
            @Option(names = "--yes", description = "Do not ask.") boolean yes) {
        if (!yes && !agreed(name, node)) {
            throw new Unusable("not forced: nothing was written; say --yes where nobody can answer");
        }
        return say("force", name, "*@" + node, reason);
    }

    private boolean agreed(String name, String node) {
        if (System.console() == null) {
            return false;
        }
        String answer = System.console()
                .readLine(
                        "End the cleanup of %s on %s without a verification? What is there stays. Type yes: ",
                        name, "*".equals(node) ? "every node" : "node " + node);
        return "yes".equals(answer);
    }

    private int say(String verb, String name, String target, String reason) {
        if (reason.isBlank()) {
            throw new Unusable("--reason is empty; say why, it stays on record");
        }
        try (KubernetesClient client = root.client()) {
            HasMetadata on = target(client, name);
            Annotations.write(client, on, verb, target, reason.strip());
            print(List.of(verb + " was written on " + on.getKind() + " "
                    + on.getMetadata().getName() + "; see: kubectl vpn cleanup show " + name));
            return 0;
        }
    }

    private static HasMetadata target(KubernetesClient client, String name) {
        return Operations.find(client, name)
                .<HasMetadata>map(cleanup -> cleanup)
                .or(() -> Optional.ofNullable(
                        client.resources(VpnAttachment.class).withName(name).get()))
                .or(() -> Optional.ofNullable(
                        client.resources(VpnInstance.class).withName(name).get()))
                .orElseThrow(
                        () -> new Unusable("there is no VpnCleanup, VpnInstance or VpnAttachment of the name " + name));
    }

    private void print(List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        lines.forEach(out::println);
        out.flush();
    }
}
