package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.cli.InstanceStatus.State;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn status}: the tunnels by node. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Show tunnels by node: phase, last handshake, peer, traffic and the last error.")
final class StatusCommand implements Callable<Integer> {
    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Output output;

    @Parameters(arity = "0..1", paramLabel = "INSTANCE", description = "A VpnInstance. Default: each.")
    private String name;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<InstanceStatus> all = read();
        if (output.isJson()) {
            out.println(Output.json(Map.of("instances", all)));
        } else {
            lines(all, Instant.now()).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    private List<InstanceStatus> read() {
        try (KubernetesClient client = root.client()) {
            if (name == null) {
                return InstanceStatus.of(
                        client.resources(VpnInstance.class).list().getItems(),
                        client.resources(VpnAttachment.class).list().getItems());
            }
            VpnInstance instance =
                    client.resources(VpnInstance.class).withName(name).get();
            if (instance == null) {
                throw new Unusable("there is no VpnInstance " + name + "; what became of it: kubectl vpn cleanup list");
            }
            return InstanceStatus.of(
                    List.of(instance),
                    client.resources(VpnAttachment.class)
                            .withLabel(
                                    Names.LABEL_INSTANCE_UID,
                                    instance.getMetadata().getUid())
                            .list()
                            .getItems());
        }
    }

    /** As people read them. */
    static List<String> lines(List<InstanceStatus> all, Instant now) {
        List<String> lines = new ArrayList<>();
        if (all.isEmpty()) {
            lines.add("There is no VpnInstance.");
        }
        all.forEach(instance -> {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.add(headline(instance));
            if (!instance.tunnels().isEmpty()) {
                lines.addAll(table(instance.tunnels(), now).lines("  "));
                instance.tunnels().forEach(tunnel -> lines.addAll(troubles(tunnel, now)));
            }
        });
        return lines;
    }

    private static String headline(InstanceStatus instance) {
        String what = Text.plain(instance.name()) + " (" + Text.orDash(instance.type()) + "): ";
        String traffic =
                ", received " + Text.bytes(instance.receivedBytes()) + ", sent " + Text.bytes(instance.sentBytes());
        String operation =
                instance.operation() == null ? "" : "; see: kubectl vpn cleanup show " + instance.operation();
        return switch (instance.state()) {
            case State.Active -> {
                int nodes = instance.desired() == null ? instance.attached() : instance.desired();
                yield what + "ready on " + instance.ready() + " of " + Text.count(nodes, "node") + traffic;
            }
            case State.Suspended -> what + "suspended" + operation;
            case State.Deleting ->
                what + "being deleted, " + Text.count(instance.attached(), "node") + " left" + operation;
            case State.Deleted -> what + "deleted, " + Text.count(instance.attached(), "debt") + " open" + operation;
        };
    }

    private static Table table(List<TunnelStatus> tunnels, Instant now) {
        Table table = new Table("NODE", "PHASE", "SINCE", "HANDSHAKE", "ENDPOINT", "RECEIVED", "SENT", "ADDRESS");
        tunnels.forEach(tunnel -> table.row(
                tunnel.node(),
                tunnel.phase(),
                Text.age(tunnel.since(), now),
                tunnel.lastHandshakeAt() == null ? Text.NOTHING : Text.age(tunnel.lastHandshakeAt(), now) + " ago",
                tunnel.endpoint(),
                Text.bytes(tunnel.receivedBytes()),
                Text.bytes(tunnel.sentBytes()),
                String.join(",", tunnel.addresses())));
        return table;
    }

    private static List<String> troubles(TunnelStatus tunnel, Instant now) {
        List<String> lines = new ArrayList<>();
        if (tunnel.message() != null && !tunnel.message().isEmpty()) {
            lines.add("  " + tunnel.node() + ": " + Text.plain(tunnel.message()));
        }
        if (tunnel.lastError() != null) {
            String when = tunnel.lastErrorAt() == null ? "" : " " + Text.age(tunnel.lastErrorAt(), now) + " ago";
            lines.add("  " + tunnel.node() + ": last error" + when + ": " + Text.plain(tunnel.lastError()));
        }
        return lines;
    }
}
