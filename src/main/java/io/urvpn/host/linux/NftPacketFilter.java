package io.urvpn.host.linux;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.urvpn.host.HostException;
import io.urvpn.host.PacketFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** nftables by nft(8), which reads rulesets from its standard input and writes JSON. */
public final class NftPacketFilter implements PacketFilter {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern TABLE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.@-]{1,15}");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One transaction: whatever stood in the table is gone with it. The mangle priority comes before the kernel's filters. */
    private static final String RULESET = """
            add table inet %1$s
            delete table inet %1$s
            table inet %1$s {
              comment "made by ur-vpn; goes with its VpnInstance"
              chain forward {
                type filter hook forward priority mangle; policy accept;
                oifname "%2$s" tcp flags syn tcp option maxseg size set rt mtu
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                oifname "%2$s" masquerade
              }
            }
            """;

    /** What nft 1.0 lists for it, without handles. */
    private static final String LISTED = """
            [
              {"table": {"family": "inet", "name": "%1$s"}},
              {"chain": {"family": "inet", "table": "%1$s", "name": "forward", "type": "filter",
                         "hook": "forward", "prio": -150, "policy": "accept"}},
              {"chain": {"family": "inet", "table": "%1$s", "name": "postrouting", "type": "nat",
                         "hook": "postrouting", "prio": 100, "policy": "accept"}},
              {"rule": {"family": "inet", "table": "%1$s", "chain": "forward", "expr": [
                {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "%2$s"}},
                {"match": {"op": "in", "left": {"payload": {"protocol": "tcp", "field": "flags"}}, "right": "syn"}},
                {"mangle": {"key": {"tcp option": {"name": "maxseg", "field": "size"}}, "value": {"rt": {"key": "mtu"}}}}]}},
              {"rule": {"family": "inet", "table": "%1$s", "chain": "postrouting", "expr": [
                {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "%2$s"}},
                {"masquerade": null}]}}
            ]
            """;

    private final Tool nft;

    /**
     * By that program.
     *
     * @param program name or path of nft
     */
    public NftPacketFilter(String program) {
        this.nft = new Tool(program, TIMEOUT);
    }

    @Override
    public Set<String> tables() {
        Tool.Result result = nft.run("", "-j", "list", "tables", "inet");
        if (!result.succeeded()) {
            throw failed("list the nftables tables", result);
        }
        Set<String> names = new TreeSet<>();
        for (JsonNode object : objects(result.output())) {
            if (object.has("table")) {
                names.add(object.get("table").get("name").asText());
            }
        }
        return names;
    }

    @Override
    public void masquerade(String table, String interfaceName) {
        check(table, interfaceName);
        Tool.Result result = nft.run(RULESET.formatted(table, interfaceName), "-f", "-");
        if (!result.succeeded()) {
            throw failed("make the nftables table " + table, result);
        }
    }

    @Override
    public boolean masquerades(String table, String interfaceName) {
        check(table, interfaceName);
        if (!tables().contains(table)) {
            return false;
        }
        Tool.Result result = nft.run("", "-j", "list", "table", "inet", table);
        if (!result.succeeded()) {
            throw failed("list the nftables table " + table, result);
        }
        return objects(result.output()).equals(expected(table, interfaceName));
    }

    private static List<JsonNode> expected(String table, String interfaceName) {
        try {
            List<JsonNode> expected = new ArrayList<>();
            JSON.readTree(LISTED.formatted(table, interfaceName)).forEach(expected::add);
            return expected;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the pattern of a masquerading table is no JSON", e);
        }
    }

    /** The objects that nft lists, without what it numbers them by, and without comments, which its version may not list. */
    private static List<JsonNode> objects(String output) {
        List<JsonNode> objects = new ArrayList<>();
        try {
            for (JsonNode object : JSON.readTree(output).path("nftables")) {
                if (object.has("metainfo")) {
                    continue;
                }
                object.forEach(inner -> {
                    if (inner instanceof ObjectNode fields) {
                        fields.remove(List.of("handle", "comment"));
                    }
                });
                objects.add(object);
            }
        } catch (JsonProcessingException e) {
            throw new HostException(HostException.Kind.TOOL, "nft answered with something else than JSON", e);
        }
        return objects;
    }

    @Override
    public boolean delete(String table) {
        if (!TABLE.matcher(table).matches()) {
            throw new IllegalArgumentException("'" + table + "' is no name of a table of ours");
        }
        if (!tables().contains(table)) {
            return false;
        }
        Tool.Result result = nft.run("delete table inet " + table + "\n", "-f", "-");
        if (result.succeeded()) {
            return true;
        }
        if (!tables().contains(table)) {
            return false;
        }
        throw failed("delete the nftables table " + table, result);
    }

    /** Both go into a text that nft parses. */
    private static void check(String table, String interfaceName) {
        if (!TABLE.matcher(table).matches() || !INTERFACE.matcher(interfaceName).matches()) {
            throw new IllegalArgumentException("table '" + table + "' or interface '" + interfaceName
                    + "' has a character that nft's language does not take in a name");
        }
    }

    private static HostException failed(String tried, Tool.Result result) {
        boolean denied = result.errors().contains("Operation not permitted");
        return new HostException(
                denied ? HostException.Kind.DENIED : HostException.Kind.TOOL, tried + ": " + result.complaint());
    }
}
