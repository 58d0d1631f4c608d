package io.urvpn.host.linux;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.host.FilterTable;
import io.urvpn.host.linux.AddressRanges.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table of ours in nft's language, and as nft lists it. The kill switch stands at postrouting, and behind source NAT: only
 * there is it certain by which link a packet leaves. Before, a mark can still lead it elsewhere, its destination can still be
 * translated (at output), and a policy of IPsec can still take it for its new source. What is forwarded and what the node sends
 * itself both pass there, and what is dropped there is never tracked.
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
                       "hook": "postrouting", "prio": 150, "policy": "accept"}}""";

    private static final String KILL_SWITCH_SET = """
            {"set": {"family": "inet", "table": "%1$s", "name": "%2$s", "type": "%3$s", "flags": ["interval"],
                     "elem": [%4$s]}}""";

    private static final String KILL_SWITCH_RULE = """
            {"rule": {"family": "inet", "table": "%1$s", "chain": "killswitch", "expr": [
              {"match": {"op": "==", "left": %2$s, "right": %3$s}}, {"%4$s": null}]}}""";

    private final String table;
    private final String interfaceName;
    private final FilterTable wanted;
    private final AddressRanges v4;
    private final AddressRanges v6;
    private final List<Long> reqids;

    /** Names are taken as they are: that they are ones must be certain already. */
    FilterTableText(String table, String interfaceName, FilterTable wanted) {
        this.table = table;
        this.interfaceName = interfaceName;
        this.wanted = wanted;
        this.v4 = ranges(wanted, false);
        this.v6 = ranges(wanted, true);
        this.reqids = wanted.reqids().stream().sorted().toList();
    }

    private static AddressRanges ranges(FilterTable wanted, boolean v6) {
        return AddressRanges.of(wanted.killSwitch().stream()
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
        if (!wanted.killSwitch().isEmpty()) {
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

    /** What the node sends to itself passes there too, by its loopback. */
    private String killSwitch() {
        List<String> rules = new ArrayList<>(List.of(
                "type filter hook postrouting priority 150; policy accept;",
                "oifname \"lo\" accept",
                "oifname \"" + interfaceName + "\" accept"));
        reqids.forEach(reqid -> rules.add("ipsec out reqid " + reqid + " accept"));
        if (!v4.empty()) {
            rules.add("ip daddr @killed4 drop");
        }
        if (!v6.empty()) {
            rules.add("ip6 daddr @killed6 drop");
        }
        return rules.stream().collect(Collectors.joining("\n    ", "  chain killswitch {\n    ", "\n  }\n"));
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
        if (!wanted.killSwitch().isEmpty()) {
            chains.add(KILL_SWITCH_CHAIN.formatted(table));
            rules.addAll(killSwitchListed());
        }
        List<JsonNode> all = new ArrayList<>();
        all.add(json("{\"table\": {\"family\": \"inet\", \"name\": \"%s\"}}".formatted(table)));
        List.of(sets, chains, rules).forEach(each -> each.forEach(object -> all.add(json(object))));
        return all;
    }

    private List<String> killSwitchListed() {
        String link = "{\"meta\": {\"key\": \"oifname\"}}";
        List<String> rules = new ArrayList<>();
        rules.add(rule(link, "\"lo\"", "accept"));
        rules.add(rule(link, "\"" + interfaceName + "\"", "accept"));
        String reqid = "{\"ipsec\": {\"key\": \"reqid\", \"dir\": \"out\", \"spnum\": 0}}";
        reqids.forEach(each -> rules.add(rule(reqid, String.valueOf(each), "accept")));
        String destination = "{\"payload\": {\"protocol\": \"%s\", \"field\": \"daddr\"}}";
        if (!v4.empty()) {
            rules.add(rule(destination.formatted("ip"), "\"@killed4\"", "drop"));
        }
        if (!v6.empty()) {
            rules.add(rule(destination.formatted("ip6"), "\"@killed6\"", "drop"));
        }
        return rules;
    }

    private String rule(String left, String right, String verdict) {
        return KILL_SWITCH_RULE.formatted(table, left, right, verdict);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the pattern of a table is no JSON", e);
        }
    }
}
