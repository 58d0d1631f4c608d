package io.urvpn.agent;

import io.urvpn.agent.Observation.Finding;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.PlanAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanAnswer;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanItem;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Lists what a detach would remove, in the order of its steps. It reads, and touches nothing. */
final class DryRun {
    private static final int SHOWN = 64;
    private static final int IDENTITY = 256;

    private final Host host;
    private final List<PlanItem> items = new ArrayList<>();
    private final List<String> unread = new ArrayList<>();

    private DryRun(Host host) {
        this.host = host;
    }

    /** The answer to an ask, as the node is now. */
    static PlanAnswer answer(NodeContext node, PlanAsk ask, JournalEntry entry) {
        DryRun run = new DryRun(node.host());
        Marks marks = Marks.of(entry, node.identity().bootId());
        InstancePaths paths = InstancePaths.of(node.settings(), entry.instance().uid());
        run.part(run::rules, marks);
        run.part(run::routes, marks);
        run.part(run::processes, marks);
        run.part(run::links, marks);
        run.part(run::xfrm, marks);
        run.part(unused -> run.connections(entry, marks), marks);
        run.part(run::packetFilter, marks);
        run.part(unused -> run.files(paths), marks);
        run.item(
                StateKind.REGISTRY_ENTRY,
                "active entry of " + entry.instance().name() + " (uid "
                        + entry.instance().uid() + ")");
        return run.answer(ask, node.now());
    }

    private PlanAnswer answer(PlanAsk ask, Instant readAt) {
        return new PlanAnswer(
                ask.id(),
                readAt,
                items.size(),
                List.copyOf(items.subList(0, Math.min(SHOWN, items.size()))),
                unread.isEmpty() ? null : Words.joined(unread, 512));
    }

    private void part(Consumer<Marks> read, Marks marks) {
        try {
            read.accept(marks);
        } catch (HostException e) {
            unread.add(e.getMessage());
        }
    }

    private void item(StateKind kind, String identity) {
        items.add(new PlanItem(kind, Words.cut(identity, IDENTITY)));
    }

    private void rules(Marks marks) {
        host.rules().list().stream().filter(marks::owns).forEach(rule -> item(StateKind.RULE, Words.of(rule)));
    }

    private void routes(Marks marks) {
        host.routes().list().stream().filter(marks::owns).forEach(route -> item(StateKind.ROUTE, Words.of(route)));
    }

    private void processes(Marks marks) {
        var scan = host.processes().scan();
        scan.processes().stream().filter(marks::owns).forEach(process -> item(StateKind.PROCESS, Words.of(process)));
        if (!scan.unreadable().isEmpty()) {
            unread.add(scan.unreadable().size() + " processes could not be read");
        }
    }

    private void links(Marks marks) {
        Stream<Link> ours = host.links().list().stream().filter(marks::owns);
        if (new Observer(host).link(marks) instanceof Finding.Ours(Link link)) {
            ours = Stream.concat(ours, Stream.of(link)).distinct();
        }
        ours.forEach(link -> item(StateKind.INTERFACE, Words.of(link)));
    }

    private void xfrm(Marks marks) {
        OwnXfrm xfrm = new OwnXfrm(host.xfrm(), marks);
        xfrm.policies().forEach(policy -> item(StateKind.XFRM, Words.of(policy)));
        xfrm.states().forEach(state -> item(StateKind.XFRM, Words.of(state)));
    }

    /** There may be tens of thousands: an item is all of one address. */
    private void connections(JournalEntry entry, Marks marks) {
        OwnFlows flows = new OwnFlows(host, entry, marks);
        flows.words(flows.list()).forEach(line -> item(StateKind.CONNECTION, line));
    }

    private void packetFilter(Marks marks) {
        if (host.packetFilter().tables().contains(marks.filterTable())) {
            item(StateKind.PACKET_FILTER_TABLE, "nftables table inet " + marks.filterTable());
        }
    }

    private void files(InstancePaths paths) {
        Stream.of(paths.runtime(), paths.state())
                .flatMap(top -> host.files().tree(top).stream())
                .forEach(path -> item(StateKind.FILE, path.toString()));
    }
}
