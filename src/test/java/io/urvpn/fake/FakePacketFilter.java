package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.FilterTable;
import io.urvpn.host.KillSwitch;
import io.urvpn.host.KillSwitch.Traffic;
import io.urvpn.host.PacketFilter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** nftables in memory: tables of family inet, by name, with what they do for an interface (empty: something else). */
final class FakePacketFilter implements PacketFilter {
    private final FakeHost node;
    private final TreeMap<String, Optional<Content>> tables = new TreeMap<>();

    private record Content(String interfaceName, FilterTable table) {}

    FakePacketFilter(FakeHost node) {
        this.node = node;
    }

    void parse(Words words) {
        String name = words.next();
        if (!words.more()) {
            tables.put(name, Optional.empty());
            return;
        }
        String word = words.next();
        String interfaceName = words.next();
        switch (word) {
            case "masquerades" -> tables.put(name, Optional.of(new Content(interfaceName, FilterTable.MASQUERADING)));
            case "for" -> tables.put(name, Optional.of(new Content(interfaceName, parseTable(words))));
            default -> throw words.unknown(word);
        }
    }

    private static FilterTable parseTable(Words words) {
        boolean masquerade = false;
        boolean clamp = false;
        Set<IpPrefix> killed = new LinkedHashSet<>();
        Set<IpPrefix> except = new LinkedHashSet<>();
        Set<Traffic> traffic = new LinkedHashSet<>();
        Set<String> links = new LinkedHashSet<>();
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "masquerade" -> masquerade = true;
                case "clamp" -> clamp = true;
                case "kill" -> killed.add(IpPrefix.parse(words.next()));
                case "except" -> except.add(IpPrefix.parse(words.next()));
                case "only" -> traffic.add(traffic(words.next()));
                case "by" -> links.add(words.next());
                default -> throw words.unknown(word);
            }
        }
        if (traffic.isEmpty()) {
            killed.forEach(network -> traffic.add(Traffic.all(network.v6())));
        }
        return new FilterTable(masquerade, clamp, new KillSwitch(killed, except, traffic, links));
    }

    /** {@code v4,10.0.0.0/8,-,7}: family, from, to, mark; {@code -} is any. */
    private static Traffic traffic(String text) {
        String[] parts = text.split(",");
        return new Traffic(
                parts[0].equals("v6"),
                parts[1].equals("-") ? null : IpPrefix.parse(parts[1]),
                parts[2].equals("-") ? null : IpPrefix.parse(parts[2]),
                parts[3].equals("-") ? null : Long.valueOf(parts[3]));
    }

    private static String render(Traffic traffic) {
        return Stream.of(traffic.v6() ? "v6" : "v4", traffic.from(), traffic.to(), traffic.mark())
                .map(each -> each == null ? "-" : each.toString())
                .collect(Collectors.joining(","));
    }

    void take(String name) {
        tables.remove(name);
    }

    void clear() {
        tables.clear();
    }

    List<String> render() {
        return tables.entrySet().stream()
                .map(table -> "table " + table.getKey()
                        + table.getValue().map(FakePacketFilter::render).orElse(""))
                .toList();
    }

    private static String render(Content content) {
        FilterTable table = content.table();
        if (table.equals(FilterTable.MASQUERADING)) {
            return " masquerades " + content.interfaceName();
        }
        StringBuilder text = new StringBuilder(" for " + content.interfaceName());
        text.append(table.masquerade() ? " masquerade" : "").append(table.clampMss() ? " clamp" : "");
        KillSwitch kill = table.killSwitch();
        kill.networks().stream().sorted().forEach(each -> text.append(" kill ").append(each));
        kill.except().stream().sorted().forEach(each -> text.append(" except ").append(each));
        if (!kill.equals(new KillSwitch(
                kill.networks(), kill.except(), KillSwitch.of(kill.networks()).traffic(), kill.links()))) {
            kill.traffic().stream()
                    .map(FakePacketFilter::render)
                    .sorted()
                    .forEach(each -> text.append(" only ").append(each));
        }
        kill.links().stream().sorted().forEach(each -> text.append(" by ").append(each));
        return text.toString();
    }

    @Override
    public Set<String> tables() {
        synchronized (node) {
            node.reading("tables list");
            return Set.copyOf(tables.keySet());
        }
    }

    @Override
    public void set(String table, String interfaceName, FilterTable wanted) {
        synchronized (node) {
            Content content = new Content(interfaceName, wanted);
            node.acting("table add " + table + render(content));
            tables.put(table, Optional.of(content));
        }
    }

    @Override
    public boolean matches(String table, String interfaceName, FilterTable wanted) {
        synchronized (node) {
            node.reading("tables list");
            return Optional.of(new Content(interfaceName, wanted)).equals(tables.getOrDefault(table, Optional.empty()));
        }
    }

    @Override
    public boolean delete(String table) {
        synchronized (node) {
            node.acting("table del " + table);
            return tables.remove(table) != null;
        }
    }
}
