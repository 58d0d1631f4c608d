package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.host.FilterTable;
import io.urvpn.host.HostException;
import io.urvpn.host.KillSwitch;
import io.urvpn.host.KillSwitch.Traffic;
import io.urvpn.host.PacketFilter;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Keeps the instance's nftables table, whether its interface is there or not: a kill switch has to stand before the daemon
 * starts, and while it is away.
 *
 * <p>Segment sizes are clamped wherever there is a table. For that alone none is made: a node forwards to a smaller interface
 * without it too, as long as its senders hear that a packet was too large, and nftables would be needed for every tunnel.
 */
final class Filtering {
    private static final Logger LOG = Logger.getLogger(Filtering.class);

    /** How a pass ended. */
    sealed interface Outcome {
        /** The table is as it is to be. */
        record Kept(JournalEntry entry) implements Outcome {}

        /** It is not; no pod may start. */
        record Missing(JournalEntry entry, RetryHold.Held why) implements Outcome {}
    }

    private final NodeContext node;
    private final RetryHold hold;

    Filtering(NodeContext node) {
        this.node = node;
        this.hold = new RetryHold(node.settings().timing());
    }

    /** Makes the table what an attachment asks for. */
    Outcome keep(VpnAttachment attachment, JournalEntry before, TunnelView view) throws InterruptedException {
        VpnAttachmentSpec spec = attachment.getSpec();
        if (!Boolean.TRUE.equals(spec.killSwitch())) {
            return keep(attachment, before, table(spec, KillSwitch.NONE));
        }
        JournalEntry entry = withEndpoints(before, view);
        KillSwitch killSwitch;
        try {
            NodeNetwork network = new NodeNetwork(node.host(), node.reach().address(), prefixes(entry.endpoints()));
            Optional<String> refusal = network.refusal(spec);
            if (refusal.isPresent()) {
                return refused(attachment, entry, refusal.get());
            }
            killSwitch = killSwitch(spec, entry, network.spared(spec));
        } catch (IllegalArgumentException e) {
            return new Outcome.Missing(entry, new RetryHold.Held(Reasons.APPLY_FAILED, e.getMessage()));
        }
        return keep(attachment, entry, table(spec, killSwitch));
    }

    /** Routes that are not set are not guarded either: what is in place goes on, as the routes before do. */
    private Outcome refused(VpnAttachment attachment, JournalEntry entry, String refusal) throws InterruptedException {
        return entry.lastFilter().killSwitch().nothing()
                ? new Outcome.Missing(entry, new RetryHold.Held(Reasons.ROUTE_COVERS_NODE, refusal))
                : keep(attachment, entry, entry.lastFilter());
    }

    private static FilterTable table(VpnAttachmentSpec spec, KillSwitch killSwitch) {
        boolean masquerade = Boolean.TRUE.equals(spec.masquerade());
        return new FilterTable(masquerade, masquerade || !killSwitch.nothing(), killSwitch);
    }

    /**
     * What the rules select is stopped, and no more. Tunnels whose rules are asked first may take it: a table is the
     * priority of its rules.
     */
    private KillSwitch killSwitch(VpnAttachmentSpec spec, JournalEntry entry, Set<IpPrefix> spared) {
        Marks marks = Marks.of(entry, node.identity().bootId());
        List<TunnelRoute> routes = spec.routes() == null ? List.of() : spec.routes();
        Set<Traffic> traffic = DesiredNodeState.rules(spec, marks).stream()
                .map(rule -> new Traffic(
                        rule.v6(),
                        rule.from().orElse(null),
                        rule.to().orElse(null),
                        rule.fwmark().orElse(null)))
                .collect(Collectors.toSet());
        Set<String> askedFirst = node.registry().entries().stream()
                .filter(other -> other.state() == JournalEntry.State.ACTIVE
                        && other.table() != null
                        && other.table() < entry.table())
                .map(JournalEntry::interfaceName)
                .collect(Collectors.toSet());
        Set<IpPrefix> networks = routes.stream()
                .map(route -> IpPrefix.parse(route.destination()))
                .collect(Collectors.toSet());
        Set<IpPrefix> except = spared.stream()
                .filter(each -> networks.stream().anyMatch(network -> network.contains(each) || each.contains(network)))
                .collect(Collectors.toSet());
        return new KillSwitch(networks, except, traffic, askedFirst);
    }

    /** While the daemon is away nobody else knows where its peer is, and it must find a way there when it comes back. */
    private JournalEntry withEndpoints(JournalEntry entry, TunnelView view) {
        List<String> live = endpoints(entry, view);
        return live.isEmpty() || live.equals(entry.endpoints())
                ? entry
                : node.registry()
                        .save(JournalEntryBuilder.builder(entry).endpoints(live).build());
    }

    private static List<String> endpoints(JournalEntry entry, TunnelView view) {
        try {
            return view.state(entry).endpoints().stream()
                    .map(IpPrefix::toString)
                    .distinct()
                    .sorted()
                    .toList();
        } catch (HostException e) {
            LOG.warnf("where the peer of %s is cannot be read: %s", entry.interfaceName(), e.getMessage());
            return List.of();
        }
    }

    private static Collection<IpPrefix> prefixes(List<String> texts) {
        return texts.stream().map(IpPrefix::parse).toList();
    }

    private Outcome keep(VpnAttachment attachment, JournalEntry entry, FilterTable wanted) throws InterruptedException {
        if (wanted.nothing() && !entry.masquerade()) {
            return new Outcome.Kept(entry);
        }
        Marks marks = Marks.of(entry, node.identity().bootId());
        long generation = attachment.getMetadata().getGeneration();
        try {
            if (stands(marks, wanted)) {
                return new Outcome.Kept(record(entry, entry, wanted));
            }
            boolean more = stopsMore(wanted.killSwitch(), entry.lastFilter().killSwitch());
            Optional<RetryHold.Held> held =
                    more ? hold.at(entry, generation, node.clock().instant()) : Optional.empty();
            return held.isPresent()
                    ? new Outcome.Missing(entry, held.get())
                    : change(attachment, entry, marks, wanted, more);
        } catch (HostException e) {
            LOG.warnf("%s: %s", attachment.getMetadata().getName(), e.getMessage());
            return new Outcome.Missing(
                    hold.refused(node.registry(), entry, generation, Reasons.APPLY_FAILED, e.getMessage(), node.now()),
                    new RetryHold.Held(Reasons.APPLY_FAILED, e.getMessage()));
        }
    }

    private boolean stands(Marks marks, FilterTable wanted) {
        PacketFilter filter = node.host().packetFilter();
        return wanted.nothing()
                ? !filter.tables().contains(marks.filterTable())
                : filter.matches(marks.filterTable(), marks.interfaceName(), wanted);
    }

    /** What stopped no more before has cut nobody off, and is put back or follows a peer without asking. */
    private static boolean stopsMore(KillSwitch wanted, KillSwitch before) {
        return !before.networks().containsAll(wanted.networks())
                || !before.traffic().containsAll(wanted.traffic());
    }

    private Outcome change(VpnAttachment attachment, JournalEntry before, Marks marks, FilterTable wanted, boolean more)
            throws InterruptedException {
        JournalEntry entry = announce(before, wanted);
        boolean known = before.lastFilter().equals(wanted);
        boolean reachedBefore = more && node.reach().now();
        make(marks, wanted);
        if (reachedBefore && !reached(entry, marks)) {
            make(marks, before.lastFilter());
            return cut(attachment, entry, marks);
        }
        hold.clear();
        String what = (wanted.nothing() ? "removed" : "set") + " nftables table " + marks.filterTable();
        LOG.infof("%s: %s", attachment.getMetadata().getName(), what);
        boolean repair = known
                && Objects.equals(
                        entry.appliedGeneration(), attachment.getMetadata().getGeneration());
        return new Outcome.Kept(record(entry, repair ? Repairs.counted(entry, 1, what, node.now()) : entry, wanted));
    }

    private Outcome cut(VpnAttachment attachment, JournalEntry entry, Marks marks) {
        String message = "with the kill switch in nftables table " + marks.filterTable()
                + " the node could not reach the API server any more; it was taken back. Change the instance's routes or"
                + " rules so that they leave the API server's address out";
        LOG.warnf("%s: %s", attachment.getMetadata().getName(), message);
        return new Outcome.Missing(
                hold.refused(
                        node.registry(),
                        entry,
                        attachment.getMetadata().getGeneration(),
                        Reasons.APPLY_CUT_NODE,
                        message,
                        node.now()),
                new RetryHold.Held(Reasons.APPLY_CUT_NODE, message));
    }

    private boolean reached(JournalEntry entry, Marks marks) throws InterruptedException {
        try {
            return node.reach().within();
        } catch (InterruptedException e) {
            make(marks, entry.lastFilter());
            throw e;
        }
    }

    private void make(Marks marks, FilterTable wanted) {
        PacketFilter filter = node.host().packetFilter();
        if (wanted.nothing()) {
            filter.delete(marks.filterTable());
        } else {
            filter.set(marks.filterTable(), marks.interfaceName(), wanted);
        }
    }

    /** That there is a table goes on record before it is made, what it does when it does it. */
    private JournalEntry announce(JournalEntry entry, FilterTable wanted) {
        return wanted.nothing() || entry.masquerade()
                ? entry
                : node.registry()
                        .save(JournalEntryBuilder.builder(entry)
                                .masquerade(true)
                                .filter(FilterTable.NONE)
                                .build());
    }

    private JournalEntry record(JournalEntry saved, JournalEntry entry, FilterTable done) {
        JournalEntry recorded = JournalEntryBuilder.builder(entry)
                .masquerade(!done.nothing())
                .filter(done.nothing() ? null : done)
                .build();
        return recorded.equals(saved) ? saved : node.registry().save(recorded);
    }
}
