package io.urvpn.tunnel;

import io.urvpn.tunnel.OpenVpnLines.Directive;
import io.urvpn.tunnel.TunnelConfiguration.Accepted;
import io.urvpn.tunnel.TunnelConfiguration.Parsed;
import io.urvpn.tunnel.TunnelConfiguration.Refused;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads the configuration of an OpenVPN client as openvpn 2.6 does (openvpn(8)). Only what is on the list of
 * {@link OpenVpnDirectives} may stand in it. One parser reads one text.
 */
public final class OpenVpnParser {
    /** The daemon takes it for its standard input. */
    private static final String STANDARD_INPUT = "stdin";

    private static final int LEAST_MTU = 576;
    private static final int MOST_MTU = 65535;

    private final SecretFiles secret;
    private final Map<String, ConfigurationFile> files = new TreeMap<>();
    private final Set<String> remotes = new LinkedHashSet<>();
    private final Map<String, Integer> seen = new TreeMap<>();
    private final Set<String> ignored = new HashSet<>();
    private OptionalInt mtu = OptionalInt.empty();

    private OpenVpnParser(Map<String, byte[]> secret) {
        this.secret = new SecretFiles(secret);
    }

    /**
     * Reads a whole configuration.
     *
     * @param secret every key of the Secret
     */
    public static Parsed parse(String text, Map<String, byte[]> secret) {
        try {
            return new Accepted(new OpenVpnParser(secret).read(text));
        } catch (Unusable e) {
            return new Refused(e.problem());
        }
    }

    private TunnelConfiguration read(String text) throws Unusable {
        for (Directive directive : OpenVpnLines.read(text)) {
            Directive meant = withoutSetenvOpt(directive);
            boolean ignorable = meant != directive || ignored.contains(meant.name());
            if (!ignorable || !OpenVpnDirectives.ignorable(meant)) {
                directive(meant);
            }
        }
        String identity = identity();
        peer();
        return new TunnelConfiguration(identity, List.of(), mtu, List.copyOf(remotes), secret.named());
    }

    /** A directive behind {@code setenv opt} is like any other, but the daemon bears with one that it does not know. */
    private Directive withoutSetenvOpt(Directive directive) throws Unusable {
        List<String> values = directive.values();
        if (!directive.name().equals("setenv")
                || values.isEmpty()
                || !values.getFirst().equals("opt")) {
            return directive;
        }
        if (values.size() == 1) {
            throw new Unusable(directive.line(), "setenv opt must be followed by a directive");
        }
        return new Directive(directive.line(), values.get(1), values.subList(2, values.size()), directive.block());
    }

    private void directive(Directive directive) throws Unusable {
        String name = directive.name();
        OpenVpnDirectives.check(directive);
        Integer before = seen.putIfAbsent(name, directive.line());
        if (before != null && OpenVpnDirectives.once(name)) {
            throw new Unusable(directive.line(), name + " stands in line " + before + " already; keep one of the two");
        }
        if (OpenVpnDirectives.isFile(name) || name.equals("askpass")) {
            ConfigurationFile file = file(directive);
            file.notEmpty();
            files.put(name, file);
            return;
        }
        switch (name) {
            case "connection" -> connection(directive);
            case "peer-fingerprint" -> fingerprints(directive);
            case "ignore-unknown-option" -> ignored.addAll(directive.values());
            case "tun-mtu" -> mtu = OptionalInt.of(mtu(directive));
            default -> remote(directive);
        }
    }

    /** A proxy is where the tunnel's packets go, as a peer is. */
    private void remote(Directive directive) {
        if (Set.of("remote", "http-proxy", "socks-proxy").contains(directive.name())) {
            remotes.add(directive.values().getFirst());
        }
    }

    private void connection(Directive block) throws Unusable {
        int peers = 0;
        for (Directive read : OpenVpnLines.read(block)) {
            Directive directive = withoutSetenvOpt(read);
            OpenVpnDirectives.checkOfConnection(directive);
            remote(directive);
            if (directive.name().equals("remote")) {
                peers++;
                seen.putIfAbsent("remote", directive.line());
            }
        }
        if (peers != 1) {
            throw new Unusable(block.line(), "the block <connection> must have one remote, and has " + peers);
        }
    }

    private static void fingerprints(Directive directive) throws Unusable {
        if (directive.block().isEmpty()) {
            return;
        }
        List<Directive> lines = OpenVpnLines.read(directive);
        for (Directive line : lines) {
            OpenVpnDirectives.check(
                    new Directive(line.line(), directive.name(), List.of(line.name()), Optional.empty()));
        }
        if (lines.isEmpty()) {
            throw new Unusable(directive.line(), "peer-fingerprint is empty");
        }
    }

    private static int mtu(Directive directive) throws Unusable {
        int mtu = Integer.parseInt(directive.values().getFirst());
        if (mtu < LEAST_MTU || mtu > MOST_MTU) {
            throw new Unusable(
                    directive.line(), "tun-mtu must be a number of bytes from " + LEAST_MTU + " to " + MOST_MTU);
        }
        return mtu;
    }

    private ConfigurationFile file(Directive directive) throws Unusable {
        if (directive.block().isPresent()) {
            return new ConfigurationFile(
                    directive.line(), directive.name(), directive.block().get().getBytes(StandardCharsets.UTF_8), true);
        }
        String key = directive.values().getFirst();
        if (key.equals(STANDARD_INPUT)) {
            throw new Unusable(
                    directive.line(),
                    directive.name() + " names stdin, which OpenVPN would read from a person; name the key otherwise");
        }
        byte[] content = secret.content(
                directive.line(), directive.name(), key, ", or put it into a block <" + directive.name() + ">");
        return new ConfigurationFile(directive.line(), directive.name(), content, false);
    }

    /** Of the private key, else of the container that holds it, else of the name. */
    private String identity() throws Unusable {
        boolean container = files.containsKey("pkcs12");
        if (container && (files.containsKey("cert") || files.containsKey("key"))) {
            throw new Unusable(files.get("pkcs12").line(), "pkcs12 holds certificate and key; remove cert and key");
        }
        if (files.containsKey("cert") != files.containsKey("key")) {
            throw new Unusable(0, "cert and key belong together; there is only one of them");
        }
        String name = files.containsKey("auth-user-pass")
                ? files.get("auth-user-pass").userName()
                : null;
        if (container) {
            return TunnelConfiguration.identity(files.get("pkcs12").container());
        }
        if (files.containsKey("key")) {
            ConfigurationFile key = files.get("key");
            if (key.encrypted() && !files.containsKey("askpass")) {
                throw new Unusable(
                        key.line(),
                        "key is encrypted, and nobody can type its password here; name a key of the Secret that has it"
                                + " with askpass, or decrypt it (openssl pkey)");
            }
            return TunnelConfiguration.identity(key.privateKey());
        }
        if (name == null) {
            throw new Unusable(
                    0, "there is nothing that the peer knows the node by; add cert and key, pkcs12 or auth-user-pass");
        }
        return TunnelConfiguration.identity(name.getBytes(StandardCharsets.UTF_8));
    }

    private void peer() throws Unusable {
        if (!seen.containsKey("client") && !(seen.containsKey("tls-client") && seen.containsKey("pull"))) {
            throw new Unusable(0, "there is no client, nor tls-client with pull; a node is a client");
        }
        if (!seen.containsKey("remote")) {
            throw new Unusable(0, "there is no remote; name the peer, such as remote vpn.example.com 1194");
        }
        boolean fingerprint = seen.containsKey("peer-fingerprint");
        if (!fingerprint && !files.containsKey("ca") && !files.containsKey("pkcs12")) {
            throw new Unusable(0, "there is no ca, pkcs12 or peer-fingerprint, so the peer could be anybody");
        }
        boolean server = Set.of("remote-cert-tls", "ns-cert-type", "remote-cert-eku", "verify-x509-name").stream()
                .anyMatch(seen::containsKey);
        if (!fingerprint && !server) {
            throw new Unusable(
                    0,
                    "nothing tells the server from another client of the same ca; add remote-cert-tls server, or"
                            + " verify-x509-name with the server's name");
        }
    }
}
