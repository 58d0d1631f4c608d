package io.urvpn.agent;

import io.urvpn.agent.Observation.Finding;
import io.urvpn.agent.TunnelView.TunnelState;
import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.host.Link;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Brings one instance up on this node and keeps it as it is to be; one pass goes as far as the node lets it. */
final class Attaching implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Attaching.class);

    /** A daemon makes its interface first and marks it then; for so long an interface without a mark may be its. */
    private static final Duration UNMARKED = Duration.ofSeconds(3);

    private final NodeContext node;
    private final AttachmentReport report;
    private final Map<VpnType, TunnelView> views;
    private final Filtering filtering;
    private final RetryHold hold;
    private final Prober prober;
    private Instant unmarkedSince;

    Attaching(NodeContext node) {
        this.node = node;
        this.report = node.report();
        this.views = Map.of(
                VpnType.WIREGUARD,
                new WireGuardView(node),
                VpnType.OPENVPN,
                DaemonView.openVpn(node),
                VpnType.IPSEC,
                DaemonView.ipsec(node));
        this.filtering = new Filtering(node);
        this.hold = new RetryHold(node.settings().timing());
        this.prober = new Prober(node.host().echoes(), node.clock());
    }

    /** One pass; returns after how long the next one is due at the latest. */
    Duration pass(VpnAttachment attachment) throws InterruptedException {
        VpnAttachmentSpec spec = attachment.getSpec();
        if (spec.type() == null || !views.containsKey(spec.type())) {
            report.reason(
                    attachment,
                    Reasons.UNSUPPORTED_TYPE,
                    "this agent runs no VPN of type " + (spec.type() == null ? "that it does not know" : spec.type()));
            return node.settings().timing().resync();
        }
        return switch (node.registration().register(attachment)) {
            case Registration.Outcome.Refused(String reason, String message) -> {
                report.reason(attachment, reason, message);
                yield node.settings().timing().resync();
            }
            case Registration.Outcome.Registered(JournalEntry entry) ->
                registered(
                        attachment,
                        key(attachment, entry)
                                .map(key -> key.ensure(node.registry(), entry))
                                .orElse(entry));
        };
    }

    private Duration registered(VpnAttachment attachment, JournalEntry entry) throws InterruptedException {
        return switch (filtering.keep(attachment, entry, view(attachment))) {
            case Filtering.Outcome.Missing(JournalEntry unguarded, RetryHold.Held why) -> {
                Optional<Link> link = new Observer(node.host())
                                        .link(Marks.of(
                                                unguarded, node.identity().bootId()))
                                instanceof Finding.Ours(Link ours)
                        ? Optional.of(ours)
                        : Optional.empty();
                yield refused(attachment, unguarded, link, why);
            }
            case Filtering.Outcome.Kept(JournalEntry kept) -> filtered(attachment, kept);
        };
    }

    private Duration filtered(VpnAttachment attachment, JournalEntry entry) throws InterruptedException {
        AgentSettings.Timing timing = node.settings().timing();
        Marks marks = Marks.of(entry, node.identity().bootId());
        Observation seen = new Observer(node.host()).look(marks);
        if (!(seen.link() instanceof Finding.Foreign)) {
            unmarkedSince = null;
        }
        if (seen.link() instanceof Finding.Foreign(Link link) && !maybeOurs(entry)) {
            var refusal = Registration.nameTaken(link);
            report.state(attachment, entry, Optional.empty(), TunnelState.UNKNOWN, refusal.reason(), refusal.message());
            return timing.resync();
        }
        JournalEntry open = new Gate(node)
                .open(attachment, entry, permits(entry), key(attachment, entry), now -> waiting(attachment, now));
        if (!(seen.link() instanceof Finding.Ours(Link link))) {
            waiting(attachment, open);
            return timing.poll();
        }
        return linked(attachment, open, seen, link);
    }

    /** A process of ours may have made the interface this very moment, without our mark on it yet. */
    private boolean maybeOurs(JournalEntry entry) {
        if (entry.permittedPodUid() == null) {
            return false;
        }
        Instant now = node.clock().instant();
        unmarkedSince = unmarkedSince == null ? now : unmarkedSince;
        return now.isBefore(unmarkedSince.plus(UNMARKED));
    }

    private Permits permits(JournalEntry entry) {
        return new Permits(node.host().files(), paths(entry));
    }

    private Optional<GeneratedKey> key(VpnAttachment attachment, JournalEntry entry) {
        return attachment.getSpec().identity() == IdentitySource.GENERATE_PER_NODE
                ? Optional.of(new GeneratedKey(node.host().files(), paths(entry)))
                : Optional.empty();
    }

    private InstancePaths paths(JournalEntry entry) {
        return InstancePaths.of(node.settings(), entry.instance().uid());
    }

    private void waiting(VpnAttachment attachment, JournalEntry entry) {
        boolean permitted = entry.permittedPodUid() != null;
        Optional<DaemonReport> told = permitted ? DaemonReport.of(node, entry) : Optional.empty();
        report.state(
                attachment,
                entry,
                Optional.empty(),
                TunnelState.told(told),
                permitted ? Reasons.WAITING_FOR_INTERFACE : Reasons.WAITING_FOR_POD,
                permitted
                        ? "the daemon of pod " + entry.permittedPodUid() + " has not made the interface "
                                + entry.interfaceName() + " yet"
                                + told.map(DaemonReport::because).orElse("")
                        : "no pod of the instance has asked to run on this node yet");
    }

    private Duration linked(VpnAttachment attachment, JournalEntry before, Observation seen, Link link)
            throws InterruptedException {
        boolean newLink = !Objects.equals(before.ifindex(), link.index());
        JournalEntry entry = newLink
                ? node.registry()
                        .save(JournalEntryBuilder.builder(before)
                                .ifindex(link.index())
                                .addresses(List.of())
                                .build())
                : before;
        if (newLink) {
            hold.relinked();
        }
        long generation = attachment.getMetadata().getGeneration();
        Optional<RetryHold.Held> held = hold.at(entry, generation, node.clock().instant());
        if (held.isPresent()) {
            return refused(attachment, entry, link, held.get());
        }
        Marks marks = Marks.of(entry, node.identity().bootId());
        TunnelState state = view(attachment).state(entry);
        DesiredNodeState desired;
        try {
            NodeNetwork network = new NodeNetwork(node.host(), node.reach().address(), state.endpoints());
            Optional<String> refusal = network.refusal(attachment.getSpec());
            if (refusal.isPresent()) {
                return refused(attachment, entry, link, new RetryHold.Held(Reasons.ROUTE_COVERS_NODE, refusal.get()));
            }
            desired = DesiredNodeState.of(
                    attachment.getSpec(),
                    marks,
                    view(attachment).negotiated(entry, link),
                    network.exclusions(attachment.getSpec(), marks));
        } catch (IllegalArgumentException e) {
            return refused(attachment, entry, link, new RetryHold.Held(Reasons.APPLY_FAILED, e.getMessage()));
        }
        Difference difference = Difference.between(desired, seen, link, marks, added(entry));
        if (!difference.conflicts().isEmpty()) {
            String message = "somebody else has " + Words.joined(difference.conflicts(), 700)
                    + " where this instance's belongs; remove it or change the instance";
            return refused(attachment, entry, link, new RetryHold.Held(Reasons.FOREIGN_CONFLICT, message));
        }
        return difference.none()
                ? settled(attachment, entry, link, state)
                : apply(attachment, announce(entry, desired), desired, difference, link, newLink);
    }

    private Duration apply(
            VpnAttachment attachment,
            JournalEntry entry,
            DesiredNodeState desired,
            Difference difference,
            Link link,
            boolean newLink)
            throws InterruptedException {
        long generation = attachment.getMetadata().getGeneration();
        Apply.Outcome outcome = new Apply(node.host(), node.reach()).apply(difference, desired, link);
        if (outcome instanceof Apply.Outcome.Refused(String reason, String message)) {
            LOG.warnf("%s on %s: %s", reason, attachment.getMetadata().getName(), message);
            return refused(
                    attachment,
                    hold.refused(node.registry(), entry, generation, reason, message, node.now()),
                    link,
                    new RetryHold.Held(reason, message));
        }
        hold.clear();
        LOG.infof("%s: %s", attachment.getMetadata().getName(), Words.joined(difference.changes(), 2000));
        boolean repair = Objects.equals(entry.appliedGeneration(), generation);
        JournalEntry done = node.registry()
                .save(JournalEntryBuilder.builder(repair ? repaired(entry, difference, link, newLink) : entry)
                        .cut(null)
                        .addresses(texts(desired))
                        .build());
        return again(attachment, done, desired);
    }

    /** Looks again: only what is seen is in place. */
    private Duration again(VpnAttachment attachment, JournalEntry entry, DesiredNodeState desired) {
        Marks marks = Marks.of(entry, node.identity().bootId());
        Observation seen = new Observer(node.host()).look(marks);
        if (!(seen.link() instanceof Finding.Ours(Link link))) {
            waiting(attachment, entry);
            return node.settings().timing().poll();
        }
        Difference left = Difference.between(desired, seen, link, marks, added(entry));
        return left.none()
                ? settled(attachment, entry, link, view(attachment).state(entry))
                : refused(
                        attachment,
                        entry,
                        link,
                        new RetryHold.Held(
                                Reasons.APPLY_FAILED,
                                "after an apply these were still to do: " + Words.joined(left.changes(), 700)));
    }

    private Duration settled(VpnAttachment attachment, JournalEntry before, Link link, TunnelState tunnel) {
        long generation = attachment.getMetadata().getGeneration();
        JournalEntry entry = Objects.equals(before.appliedGeneration(), generation)
                ? before
                : node.registry()
                        .save(JournalEntryBuilder.builder(before)
                                .appliedGeneration(generation)
                                .build());
        TunnelState state = prober.judge(attachment.getSpec().probe(), report.isReady(attachment), link, tunnel);
        report.state(attachment, entry, Optional.of(link), state, state.reason(), state.message());
        return prober.next(state.up() ? node.settings().timing().resync() : Duration.ofSeconds(1));
    }

    private TunnelView view(VpnAttachment attachment) {
        return views.get(attachment.getSpec().type());
    }

    private Duration refused(VpnAttachment attachment, JournalEntry entry, Link link, RetryHold.Held held) {
        return refused(attachment, entry, Optional.of(link), held);
    }

    private Duration refused(VpnAttachment attachment, JournalEntry entry, Optional<Link> link, RetryHold.Held held) {
        report.state(attachment, entry, link, TunnelState.UNKNOWN, held.reason(), held.message());
        return node.settings().timing().resync();
    }

    /** What is about to be added goes on record first. */
    private JournalEntry announce(JournalEntry entry, DesiredNodeState desired) {
        TreeSet<String> addresses = new TreeSet<>(entry.addresses());
        addresses.addAll(texts(desired));
        JournalEntry announced = JournalEntryBuilder.builder(entry)
                .addresses(List.copyOf(addresses))
                .build();
        return announced.equals(entry) ? entry : node.registry().save(announced);
    }

    private JournalEntry repaired(JournalEntry entry, Difference difference, Link link, boolean newLink) {
        List<String> changes = difference.changes();
        String what =
                newLink ? Words.of(link) + " came anew: " + Words.joined(changes, 190) : Words.joined(changes, 250);
        return Repairs.counted(entry, newLink ? 1 : changes.size(), what, node.now());
    }

    private static List<String> texts(DesiredNodeState desired) {
        return desired.addresses().stream().map(IpPrefix::toString).sorted().toList();
    }

    private static List<IpPrefix> added(JournalEntry entry) {
        return entry.addresses().stream().map(IpPrefix::parse).collect(Collectors.toList());
    }

    @Override
    public void close() {
        prober.close();
    }
}
