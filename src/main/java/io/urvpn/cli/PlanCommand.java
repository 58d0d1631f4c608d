package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanAnswer;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.PlanProgress;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn plan}: the dry run of a deletion. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description =
                "List what deleting a VpnInstance would remove from each node; nothing is touched (verb dry-run).")
final class PlanCommand implements Callable<Integer> {
    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "INSTANCE", description = "The VpnInstance.")
    private String name;

    @Option(names = "--reason", defaultValue = "kubectl vpn plan", description = "Why; it stays on record.")
    private String reason;

    @Mixin
    private Patience longest;

    @Override
    public Integer call() throws InterruptedException {
        Duration patience = longest.or(Duration.ofSeconds(60));
        PrintWriter out = spec.commandLine().getOut();
        try (KubernetesClient client = root.client()) {
            VpnInstance instance = instance(client).orElseThrow(() -> new Unusable("there is no VpnInstance " + name));
            Optional<String> before = plan(client).map(PlanProgress::id);
            Annotations.write(client, instance, "dry-run", "", reason);
            boolean answered = Waits.until(
                    patience,
                    () -> plan(client)
                            .filter(plan -> !Optional.of(plan.id()).equals(before))
                            .filter(plan -> plan.answered() >= plan.nodes())
                            .isPresent());
            String id = plan(client)
                    .map(PlanProgress::id)
                    .filter(one -> !Optional.of(one).equals(before))
                    .orElse("");
            attachments(client, instance.getMetadata().getUid()).forEach(attachment -> print(out, attachment, id));
            out.flush();
            return answered ? 0 : KubectlVpn.TIMED_OUT;
        }
    }

    private Optional<VpnInstance> instance(KubernetesClient client) {
        return Optional.ofNullable(
                client.resources(VpnInstance.class).withName(name).get());
    }

    private Optional<PlanProgress> plan(KubernetesClient client) {
        return instance(client).map(VpnInstance::getStatus).map(status -> status.plan());
    }

    private static List<VpnAttachment> attachments(KubernetesClient client, String uid) {
        return client.resources(VpnAttachment.class).withLabel(Names.LABEL_INSTANCE_UID, uid).list().getItems().stream()
                .sorted(Comparator.comparing(attachment -> attachment.getSpec().nodeName()))
                .toList();
    }

    private static void print(PrintWriter out, VpnAttachment attachment, String id) {
        PlanAnswer answer =
                attachment.getStatus() == null ? null : attachment.getStatus().plan();
        String node = attachment.getSpec().nodeName();
        if (answer == null || !id.equals(answer.id())) {
            out.println("Node " + node + ": its agent has not answered");
            return;
        }
        out.println("Node " + node + ": " + answer.total() + " would be removed");
        Words.orEmpty(answer.items()).forEach(item -> out.println("  " + item.kind() + ": " + item.identity()));
        int more = answer.total() - Words.orEmpty(answer.items()).size();
        if (more > 0) {
            out.println("  and " + more + " more");
        }
        if (answer.error() != null) {
            out.println("  could not be read: " + answer.error());
        }
    }
}
