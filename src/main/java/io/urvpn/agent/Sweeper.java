package io.urvpn.agent;

import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.api.v1alpha1.VpnNodeStatusOrphanBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatusSweepBuilder;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import io.urvpn.host.Rule;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks for marked state that no attachment explains. It changes none of it: what it tells is for the operator, which alone
 * knows whether an instance lives. Something is an orphan when two runs one after the other saw it, so that what comes or
 * goes between two reads is none.
 */
public final class Sweeper {
    private static final int SHOWN = 64;
    private static final String UID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final String ALIAS = "urvpn:";
    private static final String FILTER_TABLE = "urvpn-[0-9a-f]{8}";

    private record Key(StateKind kind, String identity) {}

    private final NodeContext node;
    private final EmptyDirectories emptyDirectories;
    private Map<Key, Instant> seenBefore = Map.of();
    private Set<Key> orphansBefore = Set.of();
    private long runs;
    private long gone;

    public Sweeper(NodeContext node) {
        this.node = node;
        this.emptyDirectories = new EmptyDirectories(node);
    }

    /** One look at the node. */
    private static final class Look {
        private final Map<Key, String> found = new LinkedHashMap<>();
        private final Map<Key, String> messages = new HashMap<>();
        /** Names of directories of volatile state in which nothing is. */
        private final Set<String> nothing = new HashSet<>();

        private final Set<StateKind> unread = EnumSet.noneOf(StateKind.class);
        private final List<String> errors = new ArrayList<>();

        private void orphan(StateKind kind, String identity, String instanceUid) {
            found.put(new Key(kind, Words.cut(identity, 256)), instanceUid);
        }
    }

    /**
     * One run.
     *
     * @param attachments all of this node, from a store that has synced
     */
    public synchronized Sweep run(Collection<VpnAttachment> attachments) {
        Accounts accounts = Accounts.of(node, attachments);
        Look look = look(accounts);
        part(look, StateKind.FILE, () -> emptyDirectories.remove(look.nothing, attachments));
        Instant now = node.now();
        Map<Key, Instant> seen = new HashMap<>();
        look.found.keySet().forEach(key -> seen.put(key, seenBefore.getOrDefault(key, now)));
        // what could not be read has not gone
        seenBefore.forEach((key, since) -> {
            if (look.unread.contains(key.kind())) {
                seen.putIfAbsent(key, since);
            }
        });
        Set<Key> orphans = new HashSet<>(seen.keySet());
        orphans.retainAll(seenBefore.keySet());
        gone += orphansBefore.stream().filter(key -> !orphans.contains(key)).count();
        seenBefore = seen;
        orphansBefore = orphans;
        runs++;
        List<Orphan> shown = orphans.stream()
                .sorted(Comparator.comparing(Key::kind).thenComparing(Key::identity))
                .limit(SHOWN)
                .map(key -> orphan(key, look, accounts, seen.get(key)))
                .toList();
        return VpnNodeStatusSweepBuilder.builder()
                .running(true)
                .intervalSeconds((int) node.settings().sweepInterval().toSeconds())
                .lastRunAt(now)
                .nextRunAt(now.plus(node.settings().sweepInterval()))
                .runs(runs)
                .entries(accounts.byUid().size())
                .orphansPresent(orphans.size())
                .orphansGone(gone)
                .error(look.errors.isEmpty() ? null : Words.joined(look.errors, 512))
                .orphans(shown.isEmpty() ? null : shown)
                .build();
    }

    private Look look(Accounts accounts) {
        Host host = node.host();
        Look look = new Look();
        part(look, StateKind.PROCESS, () -> processes(host.processes().scan(), accounts, look));
        part(
                look,
                StateKind.RULE,
                () -> host.rules().list().stream()
                        .filter(this::marked)
                        .filter(rule -> !accounts.tables().contains(rule.table())
                                && !accounts.tables().contains(rule.priority()))
                        .forEach(rule -> look.orphan(
                                StateKind.RULE,
                                Words.of(rule),
                                accounts.owner(inRange(rule.table()) ? rule.table() : rule.priority()))));
        part(
                look,
                StateKind.ROUTE,
                () -> host.routes().list().stream()
                        .filter(route -> route.protocol() == node.settings().routeProtocol() && inRange(route.table()))
                        .filter(route -> !accounts.tables().contains(route.table()))
                        .forEach(
                                route -> look.orphan(StateKind.ROUTE, Words.of(route), accounts.owner(route.table()))));
        part(look, StateKind.INTERFACE, () -> interfaces(accounts, look));
        part(
                look,
                StateKind.PACKET_FILTER_TABLE,
                () -> host.packetFilter().tables().stream()
                        .filter(table -> table.matches(FILTER_TABLE))
                        .filter(table -> !accounts.explains(table))
                        .forEach(table -> look.orphan(StateKind.PACKET_FILTER_TABLE, table, accounts.owner(table))));
        part(look, StateKind.XFRM, () -> xfrm(accounts, look));
        part(look, StateKind.FILE, () -> files(accounts, look));
        registry(accounts, look);
        return look;
    }

    private static void part(Look look, StateKind kind, Runnable read) {
        try {
            read.run();
        } catch (HostException e) {
            look.unread.add(kind);
            look.errors.add(e.getMessage());
        }
    }

    private void processes(Processes.Scan scan, Accounts accounts, Look look) {
        for (NodeProcess process : scan.processes()) {
            String uid = process.podUid()
                    .map(pod ->
                            accounts.pods().contains(pod) || !accounts.byPod().containsKey(pod)
                                    ? null
                                    : accounts.byPod().get(pod).instance().uid())
                    .orElseGet(() -> process.podUid().isPresent()
                            ? null
                            : process.instanceUid().orElse(null));
            if (uid != null && !process.sandbox() && !accounts.uids().contains(uid)) {
                look.orphan(StateKind.PROCESS, Words.of(process) + " started at " + process.startTicks(), uid);
            }
        }
        if (!scan.unreadable().isEmpty()) {
            look.unread.add(StateKind.PROCESS);
            look.errors.add(scan.unreadable().size() + " processes could not be read");
        }
    }

    private void interfaces(Accounts accounts, Look look) {
        for (Link link : node.host().links().list()) {
            boolean aliased = link.alias().startsWith(ALIAS);
            String uid = aliased ? link.alias().substring(ALIAS.length()) : accounts.maker(link);
            if ((aliased || Marks.halfMade(link)) && !accounts.uids().contains(uid)) {
                look.orphan(StateKind.INTERFACE, Words.of(link), uid);
            }
        }
    }

    /** A state that only holds a place goes by itself. */
    private void xfrm(Accounts accounts, Look look) {
        node.host().xfrm().policies().forEach(policy -> xfrm(Marks.tables(policy), Words.of(policy), accounts, look));
        node.host().xfrm().states().stream()
                .filter(state -> !state.placeholder())
                .forEach(state -> xfrm(Marks.tables(state), Words.of(state), accounts, look));
    }

    private void xfrm(Set<Long> tables, String identity, Accounts accounts, Look look) {
        List<Integer> ours = tables.stream()
                .filter(table -> table <= Integer.MAX_VALUE && inRange(table.intValue()))
                .map(Long::intValue)
                .toList();
        if (!ours.isEmpty() && ours.stream().noneMatch(accounts.tables()::contains)) {
            look.orphan(StateKind.XFRM, identity, accounts.owner(ours.getFirst()));
        }
    }

    /** An empty directory, or one with a request alone, is nothing: the kubelet makes it again. */
    private void files(Accounts accounts, Look look) {
        for (Path top :
                List.of(node.settings().runtimeDirectory(), node.settings().stateDirectory())) {
            Set<String> names = new TreeSet<>();
            node.host()
                    .files()
                    .tree(top)
                    .forEach(path -> names.add(top.relativize(path).getName(0).toString()));
            for (String name : names) {
                if (!name.matches(UID) || accounts.uids().contains(name)) {
                    continue;
                }
                boolean nothing = top.equals(node.settings().runtimeDirectory())
                        && new VolatileDirectory(node.host().files(), InstancePaths.of(node.settings(), name))
                                .hasNothing();
                if (nothing) {
                    look.nothing.add(name);
                } else {
                    look.orphan(StateKind.FILE, top.resolve(name).toString(), name);
                }
            }
        }
    }

    private void registry(Accounts accounts, Look look) {
        accounts.byUid().keySet().stream()
                .filter(uid -> !accounts.uids().contains(uid))
                .forEach(uid -> look.orphan(StateKind.REGISTRY_ENTRY, uid, uid));
        node.registry().unknown().forEach((uid, why) -> {
            if (!accounts.uids().contains(uid)) {
                look.orphan(StateKind.REGISTRY_ENTRY, uid, uid);
                look.messages.put(new Key(StateKind.REGISTRY_ENTRY, Words.cut(uid, 256)), why);
            }
        });
    }

    private Orphan orphan(Key key, Look look, Accounts accounts, Instant since) {
        String uid = look.found.get(key);
        JournalEntry entry = uid == null ? null : accounts.byUid().get(uid);
        OrphanAction action = action(entry);
        String message = look.messages.getOrDefault(key, said(action));
        return VpnNodeStatusOrphanBuilder.builder()
                .kind(key.kind())
                .identity(key.identity())
                .instanceUid(uid == null ? null : Words.cut(uid, 36))
                .instanceName(entry == null ? null : entry.instance().name())
                .type(entry == null ? null : entry.type())
                .interfaceName(entry == null ? null : entry.interfaceName())
                .firstSeenAt(since)
                .action(action)
                .message(Words.cut(message, 256))
                .build();
    }

    private static OrphanAction action(JournalEntry entry) {
        if (entry == null || entry.state() != JournalEntry.State.DETACHED) {
            return OrphanAction.REPORTED;
        }
        return UnverifiedDetach.ended(entry) ? OrphanAction.REMOVED : OrphanAction.REMOVING;
    }

    private static String said(OrphanAction action) {
        return switch (action) {
            case REPORTED -> "no attachment explains it; it is left as it is";
            case REMOVING -> "its detach was ordered and not verified; its steps run again with each sweep";
            case REMOVED ->
                "its detach was ordered, its steps ran and the node was read clean; the operator is to put it on record";
        };
    }

    private boolean marked(Rule rule) {
        return rule.protocol() == node.settings().routeProtocol()
                && (inRange(rule.table()) || inRange(rule.priority()));
    }

    private boolean inRange(int table) {
        return table >= node.settings().firstTable() && table <= node.settings().lastTable();
    }
}
