package io.urvpn.tunnel;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads a configuration as {@code wg setconf} does (wg(8), "CONFIGURATION FILE FORMAT"), with wg-quick(8)'s Address and
 * MTU. What wg-quick would run or change beside the interface is refused by name. One parser reads one text.
 */
public final class WireGuardParser {
    private static final String RUNS = "would run a program on the node, and none is run here: what it did belongs into"
            + " spec.masquerade, spec.routes and spec.rules of the VpnInstance; remove it";
    /** Settings of wg-quick that are not followed, in lower case, and what to do instead. */
    private static final Map<String, String> REFUSED = Map.of(
            "preup", RUNS,
            "postup", RUNS,
            "predown", RUNS,
            "postdown", RUNS,
            "dns", "would change the node's name resolution, which stays as it is; remove it",
            "table",
                    "chooses where wg-quick puts routes for AllowedIPs; here no route is made of them, and those of"
                            + " spec.routes are in a table of the instance's own: remove it",
            "saveconfig",
                    "would write what is in use over the configuration; the Secret is never written, so remove it");

    /** wg takes more for a space (a vertical tab), and so does Java, but not the same. */
    private static final Pattern TEXT = Pattern.compile("[\\t\\x20-\\x7E]*\\r?");

    private static final int KEY_BYTES = 32;
    /** As many as spec.addresses of a VpnAttachment takes. */
    private static final int MOST_ADDRESSES = 16;

    private enum Section {
        NONE,
        INTERFACE,
        PEER
    }

    /** Ends the reading of a line that cannot be used. */
    private static final class Bad extends Exception {
        private static final long serialVersionUID = 1L;

        Bad(String message) {
            super(message);
        }
    }

    private final boolean generated;
    private final List<IpPrefix> addresses = new ArrayList<>();
    private final Set<String> remotes = new LinkedHashSet<>();
    private Section section = Section.NONE;
    private String identity;
    private OptionalInt mtu = OptionalInt.empty();
    private int peers;
    private boolean peerHasKey = true;
    private int sectionLine;
    private int interfaceLine;

    private WireGuardParser(boolean generated) {
        this.generated = generated;
    }

    /** Reads a whole configuration. */
    public static Parsed parse(String text) {
        return new WireGuardParser(false).read(text);
    }

    /**
     * Reads the configuration of nodes that make their private keys themselves and are given their addresses: it has
     * neither, and its identity is empty.
     */
    public static Parsed parseGenerated(String text) {
        return new WireGuardParser(true).read(text);
    }

    private Parsed read(String text) {
        int number = 0;
        try {
            for (String raw : text.split("\n", -1)) {
                number++;
                line(raw, number);
            }
            number = 0;
            finish();
        } catch (Bad e) {
            return new Refused(new ConfigurationProblem(number, e.getMessage()));
        }
        return new Accepted(new TunnelConfiguration(
                identity == null ? "" : identity, List.copyOf(addresses), mtu, List.copyOf(remotes), List.of()));
    }

    private void line(String raw, int number) throws Bad {
        int comment = raw.indexOf('#');
        String meant = comment < 0 ? raw : raw.substring(0, comment);
        if (!TEXT.matcher(meant).matches()) {
            throw new Bad("has a character that is no letter, digit or sign of ASCII; remove it");
        }
        String line = meant.strip();
        if (line.isEmpty()) {
            return;
        }
        if (line.startsWith("[")) {
            section(line, number);
            return;
        }
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new Bad("is neither a section such as [Peer] nor 'Key = value'");
        }
        String key = line.substring(0, equals).strip();
        String value = line.substring(equals + 1).strip();
        if (!key.matches("[A-Za-z]{1,32}")) {
            throw new Bad("does not begin with the name of a setting");
        }
        if (value.isEmpty()) {
            throw new Bad(key + " has no value");
        }
        switch (section) {
            case NONE -> throw new Bad(key + " stands before the first section; begin with [Interface]");
            case INTERFACE -> interfaceSetting(key, value);
            case PEER -> peerSetting(key, value);
        }
    }

    private void section(String line, int number) throws Bad {
        if (!peerHasKey) {
            throw new Bad("the [Peer] of line " + sectionLine + " has no PublicKey");
        }
        sectionLine = number;
        switch (line.toLowerCase(Locale.ROOT)) {
            case "[interface]" -> {
                if (interfaceLine > 0) {
                    throw new Bad("is a second [Interface], beside that of line " + interfaceLine
                            + "; put all of it into one");
                }
                interfaceLine = number;
                section = Section.INTERFACE;
            }
            case "[peer]" -> {
                section = Section.PEER;
                peers++;
                peerHasKey = false;
            }
            default -> throw new Bad("is no section of a WireGuard configuration; there are [Interface] and [Peer]");
        }
    }

    private void interfaceSetting(String key, String value) throws Bad {
        String name = key.toLowerCase(Locale.ROOT);
        refuseGenerated(key, name);
        switch (name) {
            case "privatekey" -> {
                if (identity != null) {
                    throw new Bad(key + " stands in [Interface] already; keep one of the two");
                }
                identity = TunnelConfiguration.identity(key(key, value));
            }
            case "listenport" -> number(key, value, 0, 65535);
            case "fwmark" -> mark(key, value);
            case "mtu" -> mtu = OptionalInt.of(number(key, value, 576, 65535));
            case "address" -> {
                for (String address : value.split(",", -1)) {
                    addresses.add(prefix(key, address.strip()));
                }
                if (addresses.size() > MOST_ADDRESSES) {
                    throw new Bad(key + " is one more than the " + MOST_ADDRESSES + " that an interface may have");
                }
            }
            default -> {
                if (REFUSED.containsKey(name)) {
                    throw new Bad(key + " " + REFUSED.get(name));
                }
                throw new Bad(key + " is no setting of [Interface]; there are PrivateKey, ListenPort, FwMark, Address"
                        + " and MTU");
            }
        }
    }

    private void refuseGenerated(String key, String name) throws Bad {
        if (generated && name.equals("privatekey")) {
            throw new Bad(
                    key + " does not go with identity GeneratePerNode: each node makes its own, which never leaves"
                            + " it; remove the line");
        }
        if (generated && name.equals("address")) {
            throw new Bad(key + " does not go with identity GeneratePerNode: each node gets its address from"
                    + " spec.addressPool; remove the line");
        }
    }

    private void peerSetting(String key, String value) throws Bad {
        switch (key.toLowerCase(Locale.ROOT)) {
            case "publickey" -> {
                key(key, value);
                peerHasKey = true;
            }
            case "presharedkey" -> key(key, value);
            case "allowedips" -> {
                for (String network : value.split(",", -1)) {
                    prefix(key, network.strip());
                }
            }
            case "endpoint" -> remotes.add(endpoint(key, value));
            case "persistentkeepalive" -> {
                if (!value.equalsIgnoreCase("off")) {
                    number(key, value, 0, 65535);
                }
            }
            default ->
                throw new Bad(key + " is no setting of [Peer]; there are PublicKey, PresharedKey, AllowedIPs, Endpoint"
                        + " and PersistentKeepalive");
        }
    }

    private void finish() throws Bad {
        if (!peerHasKey) {
            throw new Bad("the [Peer] of line " + sectionLine + " has no PublicKey");
        }
        if (identity == null && !generated) {
            throw new Bad("there is no PrivateKey in an [Interface] section");
        }
        if (peers == 0) {
            throw new Bad("there is no [Peer] section");
        }
    }

    private static byte[] key(String key, String value) throws Bad {
        try {
            byte[] bytes = Base64.getDecoder().decode(value);
            if (bytes.length == KEY_BYTES && value.length() == 44) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // said below, without the value
        }
        throw new Bad(key + " is no key; wg genkey makes one: 44 characters of base64, the last a '='");
    }

    private static int number(String key, String value, int least, int most) throws Bad {
        if (value.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new Bad(key + " is '" + shown(value) + "'; it must be a number from " + least + " to " + most);
    }

    private static void mark(String key, String value) throws Bad {
        if (!value.equalsIgnoreCase("off") && !value.matches("(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})")) {
            throw new Bad(key + " is '" + shown(value) + "'; it must be a number, in decimal or as 0x in hex, or off");
        }
    }

    private static IpPrefix prefix(String key, String value) throws Bad {
        try {
            return IpPrefix.parse(value);
        } catch (IllegalArgumentException e) {
            throw new Bad(key + " is '" + shown(value)
                    + "'; it must be an address, with or without a prefix length, such as 10.0.0.2/24 or fd00::2/64");
        }
    }

    /** Returns its host, without brackets. */
    private static String endpoint(String key, String value) throws Bad {
        boolean shape = value.matches("(\\[[0-9a-fA-F:.%a-z]+]|[A-Za-z0-9.-]+):[0-9]{1,5}");
        int port = shape ? Integer.parseInt(value.substring(value.lastIndexOf(':') + 1)) : 0;
        if (port < 1 || port > 65535) {
            throw new Bad(key + " is '" + shown(value)
                    + "'; it must be an address or name and a port, such as 192.0.2.1:51820 or [2001:db8::1]:51820");
        }
        String host = value.substring(0, value.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** A value for a message; what looks like a key that stands in the wrong place is not shown. */
    private static String shown(String value) {
        if (value.matches(".*[A-Za-z0-9+/]{40,}.*")) {
            return "(not shown: it looks like a key)";
        }
        return value.length() <= 80 ? value : value.substring(0, 80) + "...";
    }
}
