package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.host.Link;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the attachments of a node account for, and whose the rest is by its registry.
 *
 * @param uids of the instances that have an attachment
 * @param tables of theirs
 * @param pods of theirs
 * @param byUid entries of the registry
 * @param byTable the same by their table
 * @param byPod the same by each pod of theirs
 */
record Accounts(
        Set<String> uids,
        Set<Integer> tables,
        Set<String> pods,
        Map<String, JournalEntry> byUid,
        Map<Integer, JournalEntry> byTable,
        Map<String, JournalEntry> byPod) {

    /** @param attachments all of this node */
    static Accounts of(NodeContext node, Collection<VpnAttachment> attachments) {
        Accounts accounts = new Accounts(
                new HashSet<>(),
                new HashSet<>(),
                new HashSet<>(),
                new LinkedHashMap<>(),
                new HashMap<>(),
                new HashMap<>());
        attachments.stream()
                .filter(attachment ->
                        attachment.getSpec() != null && !AttachmentLoop.ofAnotherMachine(attachment, node.identity()))
                .forEach(accounts::add);
        node.registry().entries().forEach(accounts::add);
        return accounts;
    }

    private void add(VpnAttachment attachment) {
        uids.add(attachment.getSpec().instance().uid());
        VpnAttachmentStatus status = attachment.getStatus();
        if (status != null && status.table() != null) {
            tables.add(status.table());
        }
        if (status != null && status.podUids() != null) {
            pods.addAll(status.podUids());
        }
    }

    private void add(JournalEntry entry) {
        String uid = entry.instance().uid();
        byUid.put(uid, entry);
        entry.podUids().forEach(pod -> byPod.put(pod, entry));
        if (entry.table() != null) {
            byTable.put(entry.table(), entry);
        }
        if (uids.contains(uid)) {
            pods.addAll(entry.podUids());
            Optional.ofNullable(entry.table()).ifPresent(tables::add);
        }
    }

    /** Instance of a routing table; {@code null} where nothing is known of it. */
    String owner(int table) {
        JournalEntry entry = byTable.get(table);
        return entry == null ? null : entry.instance().uid();
    }

    /** Instance of an nftables table by its name; {@code null} where nothing is known of it. */
    String owner(String filterTable) {
        return beginning(byUid.keySet(), filterTable);
    }

    /** True where an instance that has an attachment has an nftables table of that name. */
    boolean explains(String filterTable) {
        return beginning(uids, filterTable) != null;
    }

    /** Whose launcher made an interface that has no alias yet; {@code null} where nothing is known of that instance. */
    String maker(Link link) {
        return Stream.concat(uids.stream(), byUid.keySet().stream())
                .filter(uid -> link.name().equals(Marks.makingName(uid)))
                .findFirst()
                .orElse(null);
    }

    private static String beginning(Collection<String> uids, String filterTable) {
        return uids.stream()
                .filter(uid -> uid.startsWith(filterTable.substring("urvpn-".length())))
                .findFirst()
                .orElse(null);
    }
}
