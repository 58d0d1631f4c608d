package io.urvpn.agent;

import io.urvpn.agent.Registry.Lookup;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.host.Host;
import io.urvpn.host.Link;
import java.util.Optional;
import java.util.OptionalInt;

/** Gives an attachment its entry in the registry: its name and its table are its own from then on. */
public final class Registration {

    /** What became of it. */
    public sealed interface Outcome {
        /** It has its entry. */
        record Registered(JournalEntry entry) implements Outcome {}

        /** It gets none. */
        record Refused(String reason, String message) implements Outcome {}
    }

    private final Host host;
    private final Registry registry;
    private final AgentSettings settings;
    private final NodeIdentity identity;

    public Registration(Host host, Registry registry, AgentSettings settings, NodeIdentity identity) {
        this.host = host;
        this.registry = registry;
        this.settings = settings;
        this.identity = identity;
    }

    /** The entry of an attachment; a new one where it has none. One at a time, so that no name and no table goes twice. */
    public synchronized Outcome register(VpnAttachment attachment) {
        VpnAttachmentSpec spec = attachment.getSpec();
        if (registry.find(spec.instance().uid()) instanceof Lookup.Known(JournalEntry known)
                && known.state() == JournalEntry.State.ACTIVE) {
            return new Outcome.Registered(adopt(known, attachment));
        }
        Optional<JournalEntry> holder = registry.entries().stream()
                .filter(entry -> entry.interfaceName().equals(spec.interfaceName()))
                .filter(entry -> !entry.instance().uid().equals(spec.instance().uid()))
                .findFirst();
        if (holder.isPresent()) {
            return new Outcome.Refused(
                    Reasons.NAME_HELD,
                    "interface name " + spec.interfaceName() + " is held on this node by the instance "
                            + holder.get().instance().name() + " (uid "
                            + holder.get().instance().uid() + "); give this instance another spec.interfaceName");
        }
        Optional<Link> taken = host.links().named(spec.interfaceName());
        if (taken.isPresent()
                && !taken.get().alias().equals("urvpn:" + spec.instance().uid())) {
            return nameTaken(taken.get());
        }
        OptionalInt table = TableChoice.firstFree(
                settings.firstTable(),
                settings.lastTable(),
                registry.tables(),
                host.routes().list(),
                host.rules().list(),
                host.xfrm());
        if (table.isEmpty()) {
            return new Outcome.Refused(
                    Reasons.NO_FREE_TABLE,
                    "every routing table from " + settings.firstTable() + " to " + settings.lastTable()
                            + " is in use on this node; widen urvpn.tables or remove what is not needed");
        }
        return new Outcome.Registered(registry.save(entry(attachment, table.getAsInt(), taken.isEmpty())));
    }

    /** What is said where somebody else's interface has the name. */
    static Outcome.Refused nameTaken(Link link) {
        return new Outcome.Refused(
                Reasons.INTERFACE_NAME_TAKEN,
                Words.of(link) + " is on this node and is not this instance's; remove it, or give the instance another"
                        + " spec.interfaceName");
    }

    private JournalEntry adopt(JournalEntry known, VpnAttachment attachment) {
        JournalEntry entry = JournalEntryBuilder.builder(known)
                .attachmentName(attachment.getMetadata().getName())
                .attachmentUid(attachment.getMetadata().getUid())
                .build()
                .inBoot(identity.bootId());
        return entry.equals(known) ? known : registry.save(entry);
    }

    private JournalEntry entry(VpnAttachment attachment, int table, boolean absent) {
        VpnAttachmentSpec spec = attachment.getSpec();
        return JournalEntryBuilder.builder()
                .version(JournalEntry.VERSION)
                .state(JournalEntry.State.ACTIVE)
                .instance(spec.instance())
                .attachmentName(attachment.getMetadata().getName())
                .attachmentUid(attachment.getMetadata().getUid())
                .type(spec.type())
                .interfaceName(spec.interfaceName())
                .absentAtRegistration(absent)
                .protocol(settings.routeProtocol())
                .table(table)
                .bootId(identity.bootId())
                .build();
    }
}
