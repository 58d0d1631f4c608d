package io.urvpn.unit.tunnel.fuzz;

import io.urvpn.tunnel.TunnelConfiguration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What wg sees in a configuration (wireguard-tools, config.c: config_read_line), of which the launcher has taken Address
 * and MTU: whatever is space goes, a '#' ends a line, names have no case. What the parser says of it must be the same.
 */
final class WireGuardReading {
    private static final Set<String> KNOWN = Set.of(
            "privatekey",
            "listenport",
            "fwmark",
            "publickey",
            "presharedkey",
            "endpoint",
            "allowedips",
            "persistentkeepalive");

    private WireGuardReading() {}

    /** What wg would see otherwise than the parser; empty where there is nothing. */
    static Optional<String> danger(String text, TunnelConfiguration read) {
        Set<String> remotes = new LinkedHashSet<>();
        // the launcher: (?im)^[ \t]*(address|mtu)[ \t]*=.*$ in Go, where $ and . know no line end but \n
        for (String raw : text.split("\n", -1)) {
            if (raw.toLowerCase(Locale.ROOT).matches("(?s)[ \\t]*(address|mtu)[ \\t]*=.*")) {
                continue;
            }
            int comment = raw.indexOf('#');
            String line = (comment < 0 ? raw : raw.substring(0, comment)).replaceAll("[ \\t\\r\\x0B\\f]", "");
            if (line.isEmpty() || line.equalsIgnoreCase("[interface]") || line.equalsIgnoreCase("[peer]")) {
                continue;
            }
            String name = line.split("=", 2)[0].toLowerCase(Locale.ROOT);
            if (!KNOWN.contains(name)) {
                return Optional.of("wg does not know " + name);
            }
            String value = line.substring(line.indexOf('=') + 1);
            if (name.equals("endpoint")) {
                String host = value.substring(0, value.lastIndexOf(':'));
                remotes.add(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
            }
        }
        return Set.copyOf(read.remotes()).equals(remotes)
                ? Optional.empty()
                : Optional.of("wg goes to " + remotes + ", not to " + read.remotes());
    }
}
