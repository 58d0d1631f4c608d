package io.urvpn.tunnel;

import io.urvpn.tunnel.OpenVpnLines.Directive;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The directives that may stand in a client's configuration, each with the shape of its values. Everything else is refused:
 * nothing that is allowed runs a program, loads a library, writes a file, opens another socket than the tunnel's, or
 * reads a file that is no key of the Secret.
 */
final class OpenVpnDirectives {
    private static final String NUMBER = "[0-9]{1,9}";
    private static final String PORT =
            "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    private static final String HOST = "[A-Za-z0-9_:][A-Za-z0-9_.:%-]{0,252}";
    private static final String PROTOCOL = "udp[46]?|tcp[46]?(-client)?";
    /** OpenSSL's lists; no '@' or '=', with which one says that weak signatures are good enough (@SECLEVEL=0). */
    private static final String CIPHERS = "[A-Za-z0-9:+!_?-]{1,240}";

    /** Kinds of files; each is a key of the Secret, or a block. */
    private static final Set<String> FILES = Set.of(
            "ca",
            "cert",
            "key",
            "extra-certs",
            "pkcs12",
            "tls-auth",
            "tls-crypt",
            "tls-crypt-v2",
            "crl-verify",
            "auth-user-pass");

    /** Of these a whole configuration may have one only; of the others the daemon takes the last one. */
    private static final Set<String> ONCE = Set.of("peer-fingerprint", "askpass");

    /** What a block {@code <connection>} may hold, beside which the daemon takes more. */
    private static final Set<String> OF_CONNECTION = Set.of(
            "remote",
            "proto",
            "port",
            "rport",
            "lport",
            "local",
            "bind",
            "nobind",
            "float",
            "connect-retry",
            "connect-retry-max",
            "connect-timeout",
            "server-poll-timeout",
            "explicit-exit-notify",
            "http-proxy",
            "http-proxy-timeout",
            "socks-proxy",
            "mssfix",
            "fragment",
            "mtu-disc");

    /** The daemon for Linux does not know these, and takes them as nothing where it is told to. */
    private static final Set<String> IGNORABLE =
            Set.of("block-outside-dns", "register-dns", "ip-win32", "windows-driver");

    /** The values of a directive, each behind the one before it and a line's end, and what is said where they differ. */
    private record Shape(Pattern values, String right) {}

    private static final Map<String, Shape> SHAPES = new HashMap<>();

    static {
        alone("client tls-client pull nobind float remote-random remote-random-hostname persist-key persist-tun"
                + " persist-local-ip persist-remote-ip ping-timer-rem auth-nocache push-peer-info mute-replay-warnings"
                + " fast-io passtos mtu-test tun-ipv6 ifconfig-noexec ifconfig-nowarn route-noexec route-nopull tls-exit"
                + " comp-noadapt preresolve disable-dco http-proxy-retry socks-proxy-retry");
        shape("dev", "tun[A-Za-z0-9_.-]{0,12}", "tun; tap devices, which carry Ethernet, are not supported");
        shape("dev-type", "tun", "tun; tap devices, which carry Ethernet, are not supported");
        shape("mode", "p2p", "p2p; a node is a client, no server");
        shape("topology", "net30|p2p|subnet", "net30, p2p or subnet");
        shape(
                "remote",
                HOST + "( " + PORT + "( (" + PROTOCOL + "))?)?",
                "a name or address, a port and a protocol of a client, such as vpn.example.com 1194 udp");
        shape("proto", PROTOCOL, "a protocol of a client, such as udp, udp6 or tcp-client");
        shape("proto-force", "udp|tcp", "udp or tcp");
        shape("port rport", PORT, "a port from 1 to 65535");
        shape("lport", "0|" + PORT, "a port from 0 (any) to 65535");
        shape("local", HOST, "an address of the node");
        shape("bind", "(ipv6only)?", "nothing or ipv6only");
        shape("resolv-retry", "infinite|" + NUMBER, "a number of seconds or infinite");
        shape("connect-retry", NUMBER + "( " + NUMBER + ")?", "one or two numbers of seconds");
        shape("connect-retry-max", NUMBER + "|unlimited", "a number or unlimited");
        shape("connect-timeout server-poll-timeout http-proxy-timeout", NUMBER, "a number of seconds");
        shape("http-proxy", HOST + " " + PORT, "a host and a port; a password for a proxy is not supported");
        shape("socks-proxy", HOST + "( " + PORT + ")?", "a host and a port; a password for a proxy is not supported");
        shape("keepalive", NUMBER + " " + NUMBER, "two numbers of seconds");
        shape("ping ping-restart ping-exit", NUMBER, "a number of seconds");
        shape("explicit-exit-notify", "(" + NUMBER + ")?", "nothing or a number of tries");
        shape("sndbuf rcvbuf txqueuelen shaper mute", NUMBER, "a number");
        shape("mark", "0x[0-9a-fA-F]{1,8}|" + NUMBER, "a number, in decimal or as 0x in hex");
        shape("socket-flags", "TCP_NODELAY", "TCP_NODELAY");
        shape("tun-mtu", "[0-9]{3,5}", "a number of bytes from 576 to 65535");
        shape("tun-mtu-max link-mtu udp-mtu max-packet-size", "[0-9]{3,5}", "a number of bytes");
        shape("fragment", NUMBER + "( mtu)?", "a number of bytes, and mtu where it is meant of the packet");
        shape("mssfix", "(" + NUMBER + "( (mtu|fixed))?)?", "nothing, or a number of bytes and perhaps mtu or fixed");
        shape("mtu-disc", "no|maybe|yes", "no, maybe or yes");
        shape("verb", "[0-6]", "a number from 0 to 6; from 7 on the daemon writes keys into its log");
        shape("replay-window", "(" + NUMBER + "( " + NUMBER + ")?)?", "at most two numbers");
        shape("reneg-bytes reneg-pkts hand-window tran-window tls-timeout", NUMBER, "a number");
        shape("reneg-sec", NUMBER + "( " + NUMBER + ")?", "one or two numbers of seconds");
        shape("auth-retry", "none|nointeract", "none or nointeract: nobody can type here");
        shape("pull-filter", "(accept|ignore|reject) .{1,200}", "accept, ignore or reject, and how the option begins");
        shape("comp-lzo", "(yes|no|adaptive)?", "nothing, yes, no or adaptive");
        shape("compress", "(lzo|lz4|lz4-v2|stub|stub-v2|migrate)?", "nothing or the name of a compression");
        shape("allow-compression", "no|asym", "no or asym: what is compressed before it is encrypted can be guessed");
        shape("cipher auth data-ciphers-fallback", "(?!(?i:none)$)[A-Za-z0-9/_-]{1,64}", "a name, and not none");
        shape(
                "data-ciphers ncp-ciphers",
                "(?!(?i:.*(^|[:?])none([:]|$)))[A-Za-z0-9:?_-]{1,200}",
                "names between colons, and not none");
        shape("compat-mode", "[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{1,2}", "a version such as 2.4.0");
        shape("key-direction", "[01]", "0 or 1");
        shape("tls-version-min", "1[.][0-3]( or-highest)?", "a version such as 1.2");
        shape("tls-version-max", "1[.][23]", "1.2 or 1.3");
        shape("tls-cipher tls-ciphersuites tls-groups ecdh-curve", CIPHERS, "names between colons, and no @SECLEVEL");
        shape(
                "tls-cert-profile",
                "legacy|preferred|suiteb",
                "legacy, preferred or suiteb; insecure trusts what anybody can forge");
        shape("remote-cert-tls ns-cert-type", "server", "server: with anything else each client could play the server");
        shape("remote-cert-ku", "([0-9a-fA-F]{1,4}( |$)){0,15}", "numbers in hex");
        shape(
                "remote-cert-eku",
                "(?i:TLS\\x20Web\\x20Server\\x20Authentication|serverAuth|1[.]3[.]6[.]1[.]5[.]5[.]7[.]3[.]1)",
                "\"TLS Web Server Authentication\": with anything else each client could play the server");
        shape(
                "verify-x509-name",
                ".{1,200}?( (subject|name|name-prefix))?",
                "the server's name, and perhaps subject, name or name-prefix");
        shape(
                "peer-fingerprint",
                "[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}",
                "a SHA-256 as openssl x509 -fingerprint has it");
        shape(
                "setenv",
                "(UV_[A-Za-z0-9_]{1,60}( .{0,200})?|PUSH_PEER_INFO|FORWARD_COMPATIBLE [01]|CLIENT_CERT [01]"
                        + "|SERVER_POLL_TIMEOUT " + NUMBER + ")",
                "opt and a directive, or a name that the peer may be told: UV_...");
        shape("ignore-unknown-option", "[a-z0-9-]{1,40}( [a-z0-9-]{1,40}){0,14}", "names of directives");
        shape("askpass", "[^ ]+", "a key of the Secret: nobody can type here");
        FILES.forEach(
                name -> shape(name, "[^ ]+", "a key of the Secret (no path), or stand as a block <" + name + ">"));
        shape("tls-auth", "[^ ]+( [01])?", "a key of the Secret (no path) and perhaps a direction 0 or 1");
        shape(
                "auth-user-pass",
                "[^ ]+",
                "a key of the Secret with name and password on a line each, as nobody can type here");
    }

    private OpenVpnDirectives() {}

    private static void alone(String names) {
        shape(names, "", "");
    }

    private static void shape(String names, String values, String right) {
        Shape shape = new Shape(Pattern.compile(values.replace(' ', '\n')), right);
        for (String name : names.split(" ")) {
            SHAPES.put(name, shape);
        }
    }

    static boolean isFile(String name) {
        return FILES.contains(name);
    }

    static boolean once(String name) {
        return FILES.contains(name) || ONCE.contains(name);
    }

    /** True for what is nothing where the daemon is told to bear with it. */
    static boolean ignorable(Directive directive) {
        return directive.block().isEmpty() && IGNORABLE.contains(directive.name());
    }

    /** Refuses what may not stand in a configuration. */
    static void check(Directive directive) throws Unusable {
        String name = directive.name();
        Shape shape = SHAPES.get(name);
        if (directive.block().isPresent()
                && (name.equals("connection") || isFile(name) || name.equals("peer-fingerprint"))) {
            return;
        }
        if (shape == null) {
            throw new Unusable(directive.line(), OpenVpnRefusals.reason(name));
        }
        if (directive.block().isPresent()) {
            throw new Unusable(directive.line(), name + " cannot stand as a block; write it on one line");
        }
        List<String> values = directive.values();
        boolean whole =
                values.stream().noneMatch(value -> value.isEmpty() || value.contains("\n") || value.contains("\r"));
        if (!whole || !shape.values().matcher(String.join("\n", values)).matches()) {
            throw new Unusable(
                    directive.line(),
                    name + (shape.right().isEmpty() ? " must stand alone" : " must be followed by " + shape.right()));
        }
    }

    /** Refuses what may not stand in a block {@code <connection>}. */
    static void checkOfConnection(Directive directive) throws Unusable {
        check(directive);
        if (directive.block().isPresent() || !OF_CONNECTION.contains(directive.name())) {
            throw new Unusable(
                    directive.line(),
                    directive.name() + " belongs before or behind the block <connection>, not into it");
        }
    }
}
