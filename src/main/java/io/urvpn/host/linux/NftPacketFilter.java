package io.urvpn.host.linux;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.FilterTable;
import io.urvpn.host.HostException;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.linux.AddressRanges.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** nftables by nft(8), which reads rulesets from its standard input and writes JSON. */
public final class NftPacketFilter implements PacketFilter {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern TABLE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.@-]{1,15}");
    private static final ObjectMapper JSON = new ObjectMapper();

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
    public void set(String table, String interfaceName, FilterTable wanted) {
        check(table, interfaceName, wanted);
        if (wanted.nothing()) {
            throw new IllegalArgumentException("the table " + table + " would have nothing to do");
        }
        Tool.Result result = nft.run(new FilterTableText(table, interfaceName, wanted).ruleset(), "-f", "-");
        if (!result.succeeded()) {
            throw failed("make the nftables table " + table, result);
        }
    }

    @Override
    public boolean matches(String table, String interfaceName, FilterTable wanted) {
        check(table, interfaceName, wanted);
        if (!tables().contains(table)) {
            return false;
        }
        Tool.Result result = nft.run("", "-j", "list", "table", "inet", table);
        if (!result.succeeded()) {
            throw failed("list the nftables table " + table, result);
        }
        return objects(result.output()).equals(new FilterTableText(table, interfaceName, wanted).listed());
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
                        asRanges(fields);
                    }
                });
                objects.add(object);
            }
        } catch (JsonProcessingException e) {
            throw new HostException(HostException.Kind.TOOL, "nft answered with something else than JSON", e);
        }
        return objects;
    }

    /** Versions of nft differ in how they list the same addresses. A set of something else than addresses is left as it is. */
    private static void asRanges(ObjectNode fields) {
        List<Range> ranges = new ArrayList<>();
        for (JsonNode element : fields.path("elem")) {
            Optional<Range> range = range(element);
            if (range.isEmpty()) {
                return;
            }
            ranges.add(range.get());
        }
        if (!ranges.isEmpty()) {
            ArrayNode elements = fields.putArray("elem");
            AddressRanges.of(ranges).ranges().forEach(range -> elements.add(range.toString()));
        }
    }

    private static Optional<Range> range(JsonNode element) {
        try {
            if (element.has("prefix")) {
                JsonNode prefix = element.get("prefix");
                return Optional.of(Range.of(IpPrefix.parse(
                        prefix.path("addr").asText() + "/" + prefix.path("len").asInt())));
            }
            if (element.has("range")) {
                JsonNode ends = element.get("range");
                return Optional.of(Range.of(
                        IpPrefix.parse(ends.path(0).asText()),
                        IpPrefix.parse(ends.path(1).asText())));
            }
            return element.isTextual() ? Optional.of(Range.of(IpPrefix.parse(element.asText()))) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
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

    /** All of them go into a text that nft parses. */
    private static void check(String table, String interfaceName, FilterTable wanted) {
        boolean names = TABLE.matcher(table).matches()
                && INTERFACE.matcher(interfaceName).matches()
                && wanted.killSwitch().links().stream()
                        .allMatch(link -> INTERFACE.matcher(link).matches());
        if (!names) {
            throw new IllegalArgumentException("table '" + table + "' or interface '" + interfaceName + "' or one of "
                    + wanted.killSwitch().links() + " has a character that nft's language does not take in a name");
        }
    }

    private static HostException failed(String tried, Tool.Result result) {
        boolean denied = result.errors().contains("Operation not permitted");
        return new HostException(
                denied ? HostException.Kind.DENIED : HostException.Kind.TOOL, tried + ": " + result.complaint());
    }
}
