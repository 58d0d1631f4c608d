package io.urvpn.tunnel;

import io.urvpn.tunnel.SwanctlText.Section;
import io.urvpn.tunnel.SwanctlText.Setting;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The settings that may stand in each kind of section, each with the shape of its values. Everything else is refused:
 * nothing that is allowed runs a program, reads a file that is no key of the Secret, takes encryption away, or makes state
 * in the kernel that could not be known for the instance's own.
 */
final class SwanctlSettings {
    private static final String NUMBER = "[0-9]{1,9}";
    private static final String PORT =
            "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    private static final String ADDRESS = "[0-9A-Fa-f.:]{2,45}";
    private static final String HOST = "[A-Za-z0-9_:][A-Za-z0-9_.:-]{0,252}";
    private static final String TEXT = "[^\\n]{1,512}";
    private static final String KEY_NAME = "[^\\n, ]{1,253}";
    private static final String SELECTOR =
            "(dynamic|" + ADDRESS + "(/[0-9]{1,3}|-" + ADDRESS + ")?)(\\[[A-Za-z0-9/-]{1,40}\\])?";
    /** No encryption, or one and no more than a check of it. */
    private static final String UNSAFE = "null|none|modpnull|des|modp768|aes(128|192|256)?gmac";

    private static final String PROPOSAL =
            "(?!([a-z0-9_]{1,30}-){0,15}(" + UNSAFE + ")([-, ]|$))[a-z0-9_]{1,30}(-[a-z0-9_]{1,30}){0,15}";

    /** A kind of section. */
    enum Kind {
        CONNECTION("a connection"),
        LOCAL("a section local"),
        REMOTE("a section remote"),
        CHILD("a child"),
        SHARED("a section ike, eap or xauth"),
        KEY("a section private, rsa, ecdsa, pkcs8 or pkcs12");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For people. */
        String words() {
            return words;
        }
    }

    /** The values of a setting, and what is said where they differ. */
    private record Shape(Pattern values, String right) {}

    private static final Map<Kind, Map<String, Shape>> SHAPES = new HashMap<>();

    static {
        connection();
        authentication();
        child();
        secrets();
    }

    private SwanctlSettings() {}

    private static void connection() {
        Kind kind = Kind.CONNECTION;
        shape(kind, "version", "[012]", "1, 2, or 0 for both");
        list(kind, "remote_addrs", HOST, "names or addresses of the peer, between commas; no %any and no network");
        list(kind, "local_addrs", "%any|" + ADDRESS, "addresses of the node, between commas, or %any");
        shape(kind, "remote_port", PORT, "a port from 1 to 65535");
        list(kind, "vips", ADDRESS, "addresses that are asked for, between commas; 0.0.0.0 and :: ask for any");
        proposals(kind, "proposals");
        shape(
                kind,
                "aggressive",
                "no|false|disabled|0",
                "no: in the aggressive mode anybody gets what it takes to guess the secret");
        bool(kind, "pull encap mobike send_certreq");
        shape(kind, "dscp", "[01]{6}", "six bits");
        shape(kind, "fragmentation", "yes|accept|force|no", "yes, accept, force or no");
        shape(kind, "childless", "allow|prefer|force|never", "allow, prefer, force or never");
        shape(kind, "send_cert", "always|ifasked|never", "always, ifasked or never");
        shape(kind, "unique", "no|never|keep|replace", "no, never, keep or replace");
        shape(kind, "keyingtries", NUMBER, "a number");
        time(kind, "dpd_delay dpd_timeout reauth_time rekey_time over_time rand_time");
    }

    private static void authentication() {
        String constraints = "(ike:)?(pubkey|rsa|ecdsa|ed25519|ed448)(-[a-z0-9]{1,20}){0,12}(:[a-z0-9:-]{1,200})?";
        shape(
                Kind.LOCAL,
                "auth",
                "psk|" + constraints + "|eap(-[a-z0-9-]{1,40})?|xauth(-[a-z0-9-]{1,40})?",
                "psk, pubkey, eap-... or xauth");
        shape(Kind.LOCAL, "id eap_id aaa_id xauth_id", "(?!%any)" + TEXT, "an identity, and not %any");
        shape(
                Kind.REMOTE,
                "auth",
                "psk|" + constraints,
                "psk or pubkey: the peer shows by a certificate or a shared secret who it is");
        shape(Kind.REMOTE, "id ca_id", TEXT, "an identity");
        list(Kind.REMOTE, "cert_policy", "[0-9.]{3,100}", "object identifiers, between commas");
        shape(Kind.REMOTE, "revocation", "strict|ifuri|relaxed", "strict, ifuri or relaxed");
        list(Kind.REMOTE, "cacerts", KEY_NAME, "keys of the Secret, between commas");
        for (Kind kind : new Kind[] {Kind.LOCAL, Kind.REMOTE}) {
            shape(kind, "round", NUMBER, "a number");
            list(kind, "certs", KEY_NAME, "keys of the Secret, between commas");
        }
    }

    private static void child() {
        Kind kind = Kind.CHILD;
        proposals(kind, "esp_proposals");
        list(kind, "local_ts remote_ts", SELECTOR, "networks, between commas, such as 10.0.0.0/16, or dynamic");
        shape(
                kind,
                "mode",
                "tunnel",
                "tunnel; transport carries no networks, and pass and drop make policies that are no tunnel's");
        time(kind, "rekey_time life_time rand_time");
        shape(kind, "rekey_bytes life_bytes rand_bytes", NUMBER + "[0-9]{0,6}[kmg]?", "a number of bytes");
        shape(kind, "rekey_packets life_packets rand_packets", NUMBER + "[0-9]{0,6}", "a number of packets");
        bool(kind, "sha256_96 copy_df copy_ecn");
        shape(kind, "copy_dscp", "out|in|yes|no", "out, in, yes or no");
        shape(kind, "tfc_padding", NUMBER + "|mtu", "a number of bytes or mtu");
        shape(kind, "replay_window", "[1-9][0-9]{0,3}", "a number of packets from 1 to 9999");
        shape(
                kind,
                "start_action close_action dpd_action",
                "none|load|start|trap|trap\\|start|clear|restart|hold|route",
                "none, start or trap; whatever it is, the tunnel is started, and started again");
    }

    private static void secrets() {
        shape(Kind.SHARED, "secret", TEXT, "the secret");
        shape(Kind.SHARED, "file", TEXT, "a key of the Secret");
        shape(Kind.KEY, "secret", TEXT, "the password of the file");
        shape(Kind.KEY, "file", TEXT, "a key of the Secret");
    }

    private static void shape(Kind kind, String names, String values, String right) {
        Shape shape = new Shape(Pattern.compile(values), right);
        for (String name : names.split(" ")) {
            SHAPES.computeIfAbsent(kind, any -> new HashMap<>()).put(name, shape);
        }
    }

    private static void list(Kind kind, String names, String each, String right) {
        shape(kind, names, "(" + each + ") ?(, ?(" + each + ") ?){0,31}", right);
    }

    private static void bool(Kind kind, String names) {
        shape(kind, names, "yes|no|true|false|enabled|disabled|1|0", "yes or no");
    }

    private static void time(Kind kind, String names) {
        shape(kind, names, NUMBER + "[smhd]?", "a time, such as 30s, 10m, 4h or 1d");
    }

    private static void proposals(Kind kind, String name) {
        list(
                kind,
                name,
                PROPOSAL,
                "proposals between commas, such as aes256gcm16-ecp384 or default, and none without encryption (null,"
                        + " gmac) or with des or modp768");
    }

    /** Refuses settings that may not stand in a section of this kind. */
    static void check(Section section, Kind kind) throws Unusable {
        for (Setting setting : section.settings().values()) {
            Shape shape = SHAPES.get(kind).get(setting.name());
            if (shape == null && kind == Kind.SHARED && setting.name().matches("id[A-Za-z0-9_-]{0,40}")) {
                continue;
            }
            if (shape == null) {
                throw new Unusable(setting.line(), SwanctlRefusals.reason(setting.name(), kind.words()));
            }
            if (!shape.values().matcher(setting.value()).matches()) {
                throw new Unusable(setting.line(), setting.name() + " must be " + shape.right());
            }
        }
    }
}
