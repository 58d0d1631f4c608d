package io.urvpn.fake;

import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Processes in memory. Waiting takes no time: what has not ended by then does not. */
final class FakeProcesses implements Processes {
    /** Words after the fields that say how a process behaves. */
    private enum Trait {
        UNREADABLE,
        STOPPED,
        UNKILLABLE
    }

    private record Entry(NodeProcess process, String tun, Set<Trait> traits) {}

    private final FakeHost node;
    private final TreeMap<Integer, Entry> entries = new TreeMap<>();

    FakeProcesses(FakeHost node) {
        this.node = node;
    }

    void parse(Words words) {
        int pid = words.number();
        String name = words.next();
        long start = 1;
        int parent = 1;
        Optional<String> pod = Optional.empty();
        Optional<String> container = Optional.empty();
        Optional<String> mark = Optional.empty();
        boolean sandbox = false;
        String tun = "";
        Set<Trait> traits = new HashSet<>();
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "start" -> start = words.number();
                case "parent" -> parent = words.number();
                case "pod" -> pod = Optional.of(words.next());
                case "container" -> container = Optional.of(words.next());
                case "mark" -> mark = Optional.of(words.next());
                case "tun" -> tun = words.next();
                case "sandbox" -> sandbox = true;
                case "unreadable" -> traits.add(Trait.UNREADABLE);
                case "stopped" -> traits.add(Trait.STOPPED);
                case "unkillable" -> traits.add(Trait.UNKILLABLE);
                default -> throw words.unknown(word);
            }
        }
        NodeProcess process = new NodeProcess(pid, start, name, pod, container, mark, sandbox, parent);
        entries.put(pid, new Entry(process, tun, traits));
    }

    /** True where a daemon of that name holds that tun and answers. */
    boolean answers(String name, String tun) {
        return entries.values().stream()
                .anyMatch(entry -> entry.tun.equals(tun)
                        && entry.process.name().equals(name)
                        && !entry.traits.contains(Trait.STOPPED));
    }

    /** Ends a process; its tun goes with it. */
    void end(int pid) {
        Entry entry = entries.remove(pid);
        if (entry == null) {
            return;
        }
        boolean network = false;
        if (!entry.tun.isEmpty()) {
            network = node.links.list().stream()
                    .filter(link -> link.name().equals(entry.tun) && link.kind().equals("tun"))
                    .anyMatch(link -> node.links.vanish(link.index()) != null);
        }
        node.changed(new Change.Ended(entry.process));
        if (network) {
            node.changed(new Change.Network());
        }
    }

    void clear() {
        entries.clear();
    }

    List<String> render() {
        return entries.values().stream().map(FakeProcesses::render).toList();
    }

    private static String render(Entry entry) {
        NodeProcess process = entry.process;
        StringBuilder line = new StringBuilder("process " + process.pid() + " " + process.name());
        line.append(process.startTicks() == 1 ? "" : " start " + process.startTicks());
        line.append(process.parent() == 1 ? "" : " parent " + process.parent());
        process.podUid().ifPresent(uid -> line.append(" pod ").append(uid));
        process.containerId().ifPresent(id -> line.append(" container ").append(id));
        process.instanceUid().ifPresent(uid -> line.append(" mark ").append(uid));
        line.append(entry.tun.isEmpty() ? "" : " tun " + entry.tun);
        line.append(process.sandbox() ? " sandbox" : "");
        entry.traits.stream()
                .sorted()
                .forEach(trait -> line.append(' ').append(trait.name().toLowerCase(Locale.ROOT)));
        return line.toString();
    }

    @Override
    public Scan scan() {
        synchronized (node) {
            node.reading("processes scan");
            List<NodeProcess> processes = new ArrayList<>();
            List<Unreadable> unreadable = new ArrayList<>();
            for (Entry entry : entries.values()) {
                NodeProcess process = entry.process;
                if (entry.traits.contains(Trait.UNREADABLE)) {
                    unreadable.add(new Unreadable(
                            process.pid(), process.name(), "/proc/" + process.pid() + "/environ: EACCES"));
                } else {
                    processes.add(process);
                }
            }
            return new Scan(processes, unreadable);
        }
    }

    @Override
    public boolean signal(NodeProcess process, Signal signal) {
        synchronized (node) {
            node.acting("signal " + process.pid() + " " + signal);
            Entry entry = running(process);
            if (entry == null) {
                return false;
            }
            boolean ends = !entry.traits.contains(Trait.UNKILLABLE)
                    && (signal == Signal.KILL || !entry.traits.contains(Trait.STOPPED));
            if (ends) {
                end(process.pid());
            }
            node.changed(new Change.Signalled(process, signal));
            return true;
        }
    }

    /** The process of that pid, where it is the same one; null else. */
    private Entry running(NodeProcess process) {
        Entry entry = entries.get(process.pid());
        return entry != null && entry.process.startTicks() == process.startTicks() ? entry : null;
    }

    @Override
    public boolean awaitEnd(NodeProcess process, Duration timeout) {
        synchronized (node) {
            node.reading("await " + process.pid());
            return running(process) == null;
        }
    }

    @Override
    public boolean holdsTun(NodeProcess process, String interfaceName) {
        synchronized (node) {
            Entry entry = running(process);
            return entry != null && !entry.traits.contains(Trait.UNREADABLE) && entry.tun.equals(interfaceName);
        }
    }
}
