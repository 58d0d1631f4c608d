package io.urvpn.tunnel;

import io.urvpn.tunnel.SwanctlSettings.Kind;
import io.urvpn.tunnel.SwanctlText.Section;
import io.urvpn.tunnel.SwanctlText.Setting;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads the configuration of an IPsec client, a swanctl.conf of strongSwan 5.9 (swanctl.conf(5)): the sections
 * {@code connections} and {@code secrets}, in the grammar of {@link SwanctlText} and with the settings of
 * {@link SwanctlSettings}. One parser reads one text.
 */
public final class SwanctlParser {
    /** Reqids of an instance's children are numbered within a range of 1000; the peer and the kernel bear far fewer. */
    private static final int MOST_CHILDREN = 100;

    private final SwanctlCredentials credentials;
    private final Set<String> remotes = new LinkedHashSet<>();
    private int children;

    private SwanctlParser(Map<String, byte[]> secret) {
        this.credentials = new SwanctlCredentials(new SecretFiles(secret));
    }

    /**
     * Reads a whole configuration.
     *
     * @param secret every key of the Secret
     */
    public static Parsed parse(String text, Map<String, byte[]> secret) {
        try {
            return new Accepted(new SwanctlParser(secret).read(text));
        } catch (Unusable e) {
            return new Refused(e.problem());
        }
    }

    private TunnelConfiguration read(String text) throws Unusable {
        Section whole = SwanctlText.read(text);
        for (Setting setting : whole.settings().values()) {
            throw new Unusable(setting.line(), "sets something outside of the sections connections and secrets");
        }
        for (Section section : whole.sections().values()) {
            if (!Set.of("connections", "secrets").contains(section.name())) {
                throw new Unusable(
                        section.line(), SwanctlRefusals.reason(section.name(), "swanctl.conf at the outermost"));
            }
            noSettings(section, section.name());
        }
        Section secrets = whole.sections().getOrDefault("secrets", new Section(0, "secrets"));
        for (Section section : secrets.sections().values()) {
            credentials.secret(section);
        }
        Collection<Section> connections = whole.sections()
                .getOrDefault("connections", new Section(0, "connections"))
                .sections()
                .values();
        if (connections.isEmpty()) {
            throw new Unusable(0, "there is no connection; name the peer in a section of connections { }");
        }
        for (Section connection : connections) {
            connection(connection);
        }
        return new TunnelConfiguration(
                credentials.identity(), List.of(), OptionalInt.empty(), List.copyOf(remotes), credentials.files());
    }

    private static void noSettings(Section section, String where) throws Unusable {
        for (Setting setting : section.settings().values()) {
            throw new Unusable(
                    setting.line(), "sets something in " + where + " itself; it belongs into a section of " + where);
        }
    }

    private void connection(Section connection) throws Unusable {
        SwanctlSettings.check(connection, Kind.CONNECTION);
        Setting peers = connection.settings().get("remote_addrs");
        if (peers == null) {
            throw new Unusable(connection.line(), "begins a connection without remote_addrs; name the peer");
        }
        list(peers).forEach(remotes::add);
        int locals = 0;
        int peer = 0;
        for (Section section : connection.sections().values()) {
            if (section.name().equals("children")) {
                children(section);
            } else if (section.name().startsWith("local")) {
                locals++;
                noSections(section, Kind.LOCAL);
                credentials.local(section);
            } else if (section.name().startsWith("remote")) {
                peer++;
                noSections(section, Kind.REMOTE);
                credentials.remote(section);
            } else {
                throw new Unusable(section.line(), SwanctlRefusals.reason(section.name(), Kind.CONNECTION.words()));
            }
        }
        if (locals == 0) {
            throw new Unusable(
                    connection.line(), "begins a connection without a section local, which says who the node is");
        }
        if (peer == 0) {
            throw new Unusable(
                    connection.line(),
                    "begins a connection without a section remote, so the peer could be anybody; say by auth and id who"
                            + " it is");
        }
        if (!connection.sections().containsKey("children")) {
            throw new Unusable(
                    connection.line(), "begins a connection without children, so nothing would be carried; add one");
        }
    }

    private void children(Section section) throws Unusable {
        noSettings(section, "children");
        for (Section child : section.sections().values()) {
            SwanctlSettings.check(child, Kind.CHILD);
            noSections(child, Kind.CHILD);
            children++;
            if (children > MOST_CHILDREN) {
                throw new Unusable(child.line(), "begins one child more than the " + MOST_CHILDREN + " that may be");
            }
        }
        if (section.sections().isEmpty()) {
            throw new Unusable(section.line(), "begins children without one; name it, such as net { }");
        }
    }

    static void noSections(Section section, Kind kind) throws Unusable {
        for (Section inner : section.sections().values()) {
            throw new Unusable(inner.line(), SwanctlRefusals.reason(inner.name(), kind.words()));
        }
    }

    /** What stands between commas (swanctl's load_conns.c: add_list_key). */
    static List<String> list(Setting setting) {
        return Arrays.stream(setting.value().split(","))
                .map(String::strip)
                .flatMap(each -> each.isEmpty() ? Stream.empty() : Stream.of(each))
                .toList();
    }
}
