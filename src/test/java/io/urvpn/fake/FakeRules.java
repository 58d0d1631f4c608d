package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Rule;
import io.urvpn.host.Rules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Policy rules in memory; nothing takes them away but a delete. */
final class FakeRules implements Rules {
    private final FakeHost node;
    private final List<Rule> rules = new ArrayList<>();

    FakeRules(FakeHost node) {
        this.node = node;
    }

    Rule parse(Words words) {
        int priority = words.number();
        int table = 0;
        int protocol = 200;
        boolean v6 = false;
        Optional<IpPrefix> from = Optional.empty();
        Optional<IpPrefix> to = Optional.empty();
        Optional<Long> fwmark = Optional.empty();
        String others = "";
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "v6" -> v6 = true;
                case "from" -> from = Optional.of(IpPrefix.parse(words.next()));
                case "to" -> to = Optional.of(IpPrefix.parse(words.next()));
                case "fwmark" -> fwmark = Optional.of(Long.decode(words.next()));
                case "lookup" -> table = words.number();
                case "proto" -> protocol = words.number();
                case "others" -> others = words.next();
                default -> throw words.unknown(word);
            }
        }
        boolean family = v6
                || from.map(IpPrefix::v6).orElse(false)
                || to.map(IpPrefix::v6).orElse(false);
        return new Rule(family, priority, table, protocol, from, to, fwmark, others);
    }

    void put(Rule rule) {
        rules.add(rule);
        rules.sort(Comparator.comparingInt(Rule::priority));
    }

    void take(Rule rule) {
        rules.remove(rule);
    }

    void clear() {
        rules.clear();
    }

    List<String> render() {
        return rules.stream().map(rule -> "rule " + render(rule)).sorted().toList();
    }

    private static String render(Rule rule) {
        return rule.priority() + (rule.v6() ? " v6" : "")
                + rule.from().map(from -> " from " + from).orElse("")
                + rule.to().map(to -> " to " + to).orElse("")
                + rule.fwmark().map(mark -> " fwmark " + mark).orElse("")
                + " lookup " + rule.table()
                + " proto " + rule.protocol()
                + (rule.others().isEmpty() ? "" : " others " + Words.quoted(rule.others()));
    }

    @Override
    public List<Rule> list() {
        synchronized (node) {
            node.reading("rules list");
            return List.copyOf(rules);
        }
    }

    @Override
    public void add(Rule rule) {
        synchronized (node) {
            String text = "rule add " + render(rule);
            node.acting(text);
            if (rules.contains(rule)) {
                throw new HostException(HostException.Kind.EXISTS, text + ": EEXIST");
            }
            put(rule);
            node.changed(new Change.Network());
        }
    }

    @Override
    public boolean delete(Rule rule) {
        synchronized (node) {
            node.acting("rule del " + render(rule));
            boolean there = rules.remove(rule);
            if (there) {
                node.changed(new Change.Network());
            }
            return there;
        }
    }
}
