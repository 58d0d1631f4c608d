package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.api.messages.InitialResponse;
import io.urvpn.api.messages.InitialResponse.Agents;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn delete}: asks for a deletion, and shows it to its end. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = {
            "Delete a VpnInstance, and show each component on each node until every node was read again.",
            "With -o json the initial response goes to standard output, and the progress to standard error.",
            "Ctrl-C ends the view; the deletion goes on."
        })
final class DeleteCommand implements Callable<Integer> {
    private static final Duration USUAL = Duration.ofMinutes(10);

    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Output output;

    @Mixin
    private Patience patience;

    @Parameters(paramLabel = "INSTANCE", description = "The VpnInstance.")
    private String name;

    @Option(
            names = "--wait",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Wait for the end. Default: true.")
    private boolean wait;

    @Override
    public Integer call() throws InterruptedException {
        Duration longest = patience.or(USUAL);
        try (KubernetesClient client = root.client()) {
            VpnInstance instance;
            try {
                instance = Optional.ofNullable(client.resources(VpnInstance.class)
                                .withName(name)
                                .get())
                        .orElseThrow(() -> new Unusable("there is no VpnInstance " + name));
                Agents agents = agents(client, instance);
                client.resource(instance).delete();
                tell(InitialResponse.accepted(agents));
            } catch (Unusable | KubernetesClientException refused) {
                if (output.isJson()) {
                    tell(InitialResponse.refused(Refusals.line(refused)));
                }
                throw refused;
            }
            return wait ? follow(client, instance.getMetadata().getUid(), longest) : 0;
        }
    }

    /** Whether the agents of the nodes that have the tunnel were heard of lately. */
    private static Agents agents(KubernetesClient client, VpnInstance instance) {
        Set<String> nodes = client
                .resources(VpnAttachment.class)
                .withLabel(Names.LABEL_INSTANCE_UID, instance.getMetadata().getUid())
                .list()
                .getItems()
                .stream()
                .map(attachment -> attachment.getSpec().nodeName())
                .collect(Collectors.toSet());
        if (nodes.isEmpty()) {
            return Agents.ALL;
        }
        Instant now = Instant.now();
        long there = client.resources(VpnNode.class).list().getItems().stream()
                .filter(node -> nodes.contains(node.getMetadata().getName()))
                .filter(node -> Optional.ofNullable(node.getStatus())
                        .map(VpnNodeStatus::sweep)
                        .filter(sweep -> sweep.heardOf(now))
                        .isPresent())
                .count();
        return Agents.of(nodes.size(), there);
    }

    private void tell(InitialResponse response) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.isJson()) {
            out.println(Output.json(response));
        } else {
            out.println(response.message());
        }
        out.flush();
    }

    private int follow(KubernetesClient client, String uid, Duration longest) throws InterruptedException {
        try (Progress progress = root.progress(name, output.isJson())) {
            return new Following(
                            () -> Operations.ofDeletion(client, uid),
                            Optional.of(() -> gone(client, uid)),
                            progress,
                            DeleteCommand::again)
                    .toTheEnd(longest);
        }
    }

    private boolean gone(KubernetesClient client, String uid) {
        VpnInstance there = client.resources(VpnInstance.class).withName(name).get();
        return there == null || !uid.equals(there.getMetadata().getUid());
    }

    private static String again(Optional<VpnCleanup> cleanup) {
        return "The deletion goes on. "
                + cleanup.map(one -> "To follow it: kubectl vpn cleanup watch "
                                + one.getMetadata().getName())
                        .orElse("To find it: kubectl vpn cleanup list");
    }
}
