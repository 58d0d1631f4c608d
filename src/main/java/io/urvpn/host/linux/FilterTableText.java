package io.urvpn.host.linux;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.FilterTable;
import io.urvpn.host.KillSwitch.Traffic;
import io.urvpn.host.linux.AddressRanges.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table of ours in nft's language, and as nft lists it. The kill switch stands at postrouting: only there is it certain by
 * which link a packet leaves. Before, at output, a mark can still lead it elsewhere and its destination can still be translated.
 * It stands before source NAT (priority 100), so that it sees the source by which policy rules chose the way. What is forwarded
 * and what the node sends itself both pass there, and what is dropped there is never tracked.
 */
final class FilterTableText {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The mangle priority comes before the kernel's filters. */
    private static final String CLAMP = """
              chain forward {
                type filter hook forward priority mangle; policy accept;
                oifname "%2$s" tcp flags syn tcp option maxseg size set rt mtu
              }
            """;

    private static final String CLAMP_CHAIN = """
            {"chain": {"family": "inet", "table": "%1$s", "name": "forward", "type": "filter",
                       "hook": "forward", "prio": -150, "policy": "accept"}}""";

    private static final String CLAMP_RULE = """
            {"rule": {"family": "inet", "table": "%1$s", "chain": "forward", "expr": [
              {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "%2$s"}},
              {"match": {"op": "in", "left": {"payload": {"protocol": "tcp", "field": "flags"}}, "right": "syn"}},
              {"mangle": {"key": {"tcp option": {"name": "maxseg", "field": "size"}}, "value": {"rt": {"key": "mtu"}}}}]}}""";

    private static final String MASQUERADE = """
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                oifname "%2$s" masquerade
              }
            """;

    private static final String MASQUERADE_CHAIN = """
            {"chain": {"family": "inet", "table": "%1$s", "name": "postrouting", "type": "nat",
                       "hook": "postrouting", "prio": 100, "policy": "accept"}}""";

    private static final String MASQUERADE_RULE = """
            {"rule": {"family": "inet", "table": "%1$s", "chain": "postrouting", "expr": [
              {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "%2$s"}},
              {"masquerade": null}]}}""";

    private static final String KILL_SWITCH_CHAIN = """
            {"chain": {"family": "inet", "table": "%1$s", "name": "killswitch", "type": "filter",
                       "hook": "postrouting", "prio": %2$d, "policy": "accept"}}""";

    private static final int KILL_SWITCH_PRIORITY = 90;

    private static final String KILL_SWITCH_SET = """
            {"set": {"family": "inet", "table": "%1$s", "name": "%2$s", "type": "%3$s", "flags": ["interval"],
                     "elem": [%4$s]}}""";

    private static final String KILL_SWITCH_RULE = """
            {"rule": {"family": "inet", "table": "%1$s", "chain": "killswitch", "expr": [%2$s, {"%3$s": null}]}}""";

    private static final String MATCH = """
            {"match": {"op": "==", "left": %s, "right": %s}}""";

    private final String table;
    private final String interfaceName;
    private final FilterTable wanted;
    private final AddressRanges v4;
    private final AddressRanges v6;
    private final List<String> links;
    private final List<Traffic> traffic;

    /** Names are taken as they are: that they are ones must be certain already. */
    FilterTableText(String table, String interfaceName, FilterTable wanted) {
        this.table = table;
        this.interfaceName = interfaceName;
        this.wanted = wanted;
        this.v4 = ranges(wanted, false);
        this.v6 = ranges(wanted, true);
        this.links = Stream.concat(
                        Stream.of("lo", interfaceName),
                        wanted.killSwitch().links().stream()
                                .filter(link -> !link.equals(interfaceName))
                                .sorted())
                .toList();
        this.traffic = wanted.killSwitch().traffic().stream()
                .filter(each -> !(each.v6() ? v6 : v4).empty())
                .sorted(Comparator.comparing(Traffic::v6)
                        .thenComparing(Traffic::from, Comparator.nullsFirst(Comparator.naturalOrder()))
                        .thenComparing(Traffic::to, Comparator.nullsFirst(Comparator.naturalOrder()))
                        .thenComparing(Traffic::mark, Comparator.nullsFirst(Comparator.naturalOrder())))
                .toList();
    }

    private static AddressRanges ranges(FilterTable wanted, boolean v6) {
        boolean stopped = wanted.killSwitch().traffic().stream().anyMatch(each -> each.v6() == v6);
        return stopped
                ? ranges(wanted.killSwitch().networks(), v6)
                        .without(ranges(wanted.killSwitch().except(), v6))
                : new AddressRanges(List.of());
    }

    private static AddressRanges ranges(Set<IpPrefix> networks, boolean v6) {
        return AddressRanges.of(networks.stream()
                .filter(prefix -> prefix.v6() == v6)
                .map(Range::of)
                .toList());
    }

    /** One transaction, which leaves nothing of what stood in the table. */
    String ruleset() {
        StringBuilder text = new StringBuilder("""
                add table inet %1$s
                delete table inet %1$s
                table inet %1$s {
                  comment "made by ur-vpn; goes with its VpnInstance"
                """.formatted(table));
        text.append(set("killed4", "ipv4_addr", v4)).append(set("killed6", "ipv6_addr", v6));
        if (wanted.clampMss()) {
            text.append(CLAMP.formatted(table, interfaceName));
        }
        if (wanted.masquerade()) {
            text.append(MASQUERADE.formatted(table, interfaceName));
        }
        if (!traffic.isEmpty()) {
            text.append(killSwitch());
        }
        return text.append("}\n").toString();
    }

    private static String set(String name, String type, AddressRanges ranges) {
        return ranges.empty() ? "" : """
                  set %s {
                    type %s
                    flags interval
                    elements = { %s }
                  }
                """.formatted(name, type, joined(ranges, ""));
    }

    private static String joined(AddressRanges ranges, String quote) {
        return ranges.ranges().stream().map(range -> quote + range + quote).collect(Collectors.joining(", "));
    }

    /**
     * What the node sends to itself passes there too, by its loopback. What the kernel encrypts passes twice: by the XFRM
     * interface, and once more on its way out, still as it was (xfrm4_output() of net/ipv4/xfrm4_output.c).
     */
    private String killSwitch() {
        List<String> rules = new ArrayList<>();
        rules.add("type filter hook postrouting priority " + KILL_SWITCH_PRIORITY + "; policy accept;");
        links.forEach(link -> rules.add("oifname \"" + link + "\" accept"));
        rules.add("rt ipsec exists accept");
        traffic.forEach(each -> rules.add(selected(each) + ip(each) + " daddr @" + killed(each) + " drop"));
        return rules.stream().collect(Collectors.joining("\n    ", "  chain killswitch {\n    ", "\n  }\n"));
    }

    private static String selected(Traffic traffic) {
        return (traffic.from() == null ? "" : ip(traffic) + " saddr " + traffic.from() + " ")
                + (traffic.to() == null ? "" : ip(traffic) + " daddr " + traffic.to() + " ")
                + (traffic.mark() == null ? "" : "meta mark " + traffic.mark() + " ");
    }

    private static String ip(Traffic traffic) {
        return traffic.v6() ? "ip6" : "ip";
    }

    private static String killed(Traffic traffic) {
        return traffic.v6() ? "killed6" : "killed4";
    }

    /** The objects that nft 1.0 lists for it, without handles and comments, and with the elements of sets as ranges. */
    List<JsonNode> listed() {
        List<String> sets = new ArrayList<>();
        List<String> chains = new ArrayList<>();
        List<String> rules = new ArrayList<>();
        if (!v4.empty()) {
            sets.add(KILL_SWITCH_SET.formatted(table, "killed4", "ipv4_addr", joined(v4, "\"")));
        }
        if (!v6.empty()) {
            sets.add(KILL_SWITCH_SET.formatted(table, "killed6", "ipv6_addr", joined(v6, "\"")));
        }
        if (wanted.clampMss()) {
            chains.add(CLAMP_CHAIN.formatted(table));
            rules.add(CLAMP_RULE.formatted(table, interfaceName));
        }
        if (wanted.masquerade()) {
            chains.add(MASQUERADE_CHAIN.formatted(table));
            rules.add(MASQUERADE_RULE.formatted(table, interfaceName));
        }
        if (!traffic.isEmpty()) {
            chains.add(KILL_SWITCH_CHAIN.formatted(table, KILL_SWITCH_PRIORITY));
            rules.addAll(killSwitchListed());
        }
        List<JsonNode> all = new ArrayList<>();
        all.add(json("{\"table\": {\"family\": \"inet\", \"name\": \"%s\"}}".formatted(table)));
        List.of(sets, chains, rules).forEach(each -> each.forEach(object -> all.add(json(object))));
        return all;
    }

    private List<String> killSwitchListed() {
        List<String> rules = new ArrayList<>();
        links.forEach(
                link -> rules.add(rule(MATCH.formatted("{\"meta\": {\"key\": \"oifname\"}}", quoted(link)), "accept")));
        rules.add(rule(MATCH.formatted("{\"rt\": {\"key\": \"ipsec\"}}", "true"), "accept"));
        for (Traffic each : traffic) {
            List<String> matches = new ArrayList<>();
            if (each.from() != null) {
                matches.add(MATCH.formatted(payload(each, "saddr"), listed(each.from())));
            }
            if (each.to() != null) {
                matches.add(MATCH.formatted(payload(each, "daddr"), listed(each.to())));
            }
            if (each.mark() != null) {
                matches.add(MATCH.formatted("{\"meta\": {\"key\": \"mark\"}}", each.mark()));
            }
            matches.add(MATCH.formatted(payload(each, "daddr"), quoted("@" + killed(each))));
            rules.add(rule(String.join(", ", matches), "drop"));
        }
        return rules;
    }

    private static String payload(Traffic traffic, String field) {
        return "{\"payload\": {\"protocol\": \"%s\", \"field\": \"%s\"}}".formatted(ip(traffic), field);
    }

    private static String listed(IpPrefix prefix) {
        return prefix.length() == (prefix.v6() ? 128 : 32)
                ? quoted(prefix.host())
                : "{\"prefix\": {\"addr\": \"%s\", \"len\": %d}}".formatted(prefix.host(), prefix.length());
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private String rule(String matches, String verdict) {
        return KILL_SWITCH_RULE.formatted(table, matches, verdict);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the pattern of a table is no JSON", e);
        }
    }
}
