package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.host.NodeProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Lets the pod run that asks: its uid goes into the journal, then into the API, then into the permit, so that whoever comes
 * after a crash knows whose processes may be there. The public key of a node that makes its own goes the same way.
 */
final class Gate {
    private final NodeContext node;

    Gate(NodeContext node) {
        this.node = node;
    }

    /**
     * Goes as far as it can.
     *
     * @param key what the launcher is handed before its permit, where the node makes its own
     * @param tell tells the API of the entry as it is now
     * @return the entry as it is then
     */
    JournalEntry open(
            VpnAttachment attachment,
            JournalEntry entry,
            Permits permits,
            Optional<GeneratedKey> key,
            Consumer<JournalEntry> tell) {
        Optional<String> requested = permits.requested();
        if (requested.isEmpty()) {
            return entry;
        }
        String pod = requested.get();
        if (pod.equals(entry.permittedPodUid())
                && permits.granted().filter(pod::equals).isPresent()) {
            key.ifPresent(GeneratedKey::handOut);
            return entry;
        }
        JournalEntry known =
                entry.podUids().contains(pod) ? entry : node.registry().save(withPod(entry, pod));
        if (!written(attachment, known, pod)) {
            tell.accept(known);
        }
        if (!written(attachment, known, pod)) {
            return known;
        }
        JournalEntry permitted = node.registry()
                .save(JournalEntryBuilder.builder(known).permittedPodUid(pod).build());
        key.ifPresent(GeneratedKey::handOut);
        permits.grant(pod, permitted.table());
        return permitted;
    }

    private boolean written(VpnAttachment attachment, JournalEntry entry, String pod) {
        return node.reports()
                .written(attachment)
                .filter(status -> status.podUids() != null && status.podUids().contains(pod))
                .filter(status -> node.identity().machineKey().equals(status.machineKey()))
                .filter(status -> Objects.equals(entry.publicKey(), status.publicKey()))
                .isPresent();
    }

    /** The new pod last; pods of which no process is left, not even the sandbox's, are forgotten. */
    private JournalEntry withPod(JournalEntry entry, String pod) {
        List<String> pods = new ArrayList<>(entry.podUids());
        if (!pods.isEmpty()) {
            var scan = node.host().processes().scan();
            Set<String> alive = scan.processes().stream()
                    .map(NodeProcess::podUid)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toSet());
            pods.removeIf(uid -> scan.unreadable().isEmpty() && !alive.contains(uid));
        }
        pods.add(pod);
        return JournalEntryBuilder.builder(entry).podUids(pods).build();
    }
}
