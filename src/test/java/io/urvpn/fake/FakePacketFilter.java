package io.urvpn.fake;

import io.urvpn.host.PacketFilter;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** nftables in memory: tables of family inet, by name, with the interface they masquerade (empty: something else). */
final class FakePacketFilter implements PacketFilter {
    private final FakeHost node;
    private final TreeMap<String, String> tables = new TreeMap<>();

    FakePacketFilter(FakeHost node) {
        this.node = node;
    }

    void parse(Words words) {
        String name = words.next();
        String interfaceName = "";
        if (words.more()) {
            String word = words.next();
            if (!word.equals("masquerades")) {
                throw words.unknown(word);
            }
            interfaceName = words.next();
        }
        tables.put(name, interfaceName);
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
                        + (table.getValue().isEmpty() ? "" : " masquerades " + table.getValue()))
                .toList();
    }

    @Override
    public Set<String> tables() {
        synchronized (node) {
            node.reading("tables list");
            return Set.copyOf(tables.keySet());
        }
    }

    @Override
    public void masquerade(String table, String interfaceName) {
        synchronized (node) {
            node.acting("table add " + table + " masquerades " + interfaceName);
            tables.put(table, interfaceName);
        }
    }

    @Override
    public boolean masquerades(String table, String interfaceName) {
        synchronized (node) {
            node.reading("tables list");
            return interfaceName.equals(tables.get(table));
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
