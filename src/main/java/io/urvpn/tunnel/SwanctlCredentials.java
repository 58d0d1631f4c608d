package io.urvpn.tunnel;

import io.urvpn.tunnel.SwanctlSettings.Kind;
import io.urvpn.tunnel.SwanctlText.Section;
import io.urvpn.tunnel.SwanctlText.Setting;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who a node is, and who its peer, by a swanctl.conf: its sections {@code secrets}, {@code local} and {@code remote}. */
final class SwanctlCredentials {
    /** As swanctl judges, by how the name of a section begins (load_creds.c). */
    private static final Pattern SECRET =
            Pattern.compile("(ike|eap|xauth|private|rsa|ecdsa|pkcs8|pkcs12)[A-Za-z0-9_-]*");

    private final SecretFiles secret;
    private final List<String> kinds = new ArrayList<>();
    private Optional<byte[]> container = Optional.empty();
    private byte[] identity;

    SwanctlCredentials(SecretFiles secret) {
        this.secret = secret;
    }

    /** Digest of what the peer knows the node by, in the first connection. */
    String identity() {
        return TunnelConfiguration.identity(identity);
    }

    /** Keys of the Secret that are named, sorted. */
    List<String> files() {
        return secret.named();
    }

    /** Takes a section of {@code secrets}; these come before the connections. */
    void secret(Section section) throws Unusable {
        Matcher name = SECRET.matcher(section.name());
        if (!name.matches()) {
            throw new Unusable(section.line(), SwanctlRefusals.reason(section.name(), "secrets"));
        }
        String kind = name.group(1);
        kinds.add(kind);
        boolean shared = List.of("ike", "eap", "xauth").contains(kind);
        SwanctlSettings.check(section, shared ? Kind.SHARED : Kind.KEY);
        SwanctlParser.noSections(section, shared ? Kind.SHARED : Kind.KEY);
        Setting file = section.settings().get("file");
        Setting written = section.settings().get("secret");
        if (shared && (file == null) == (written == null)) {
            throw new Unusable(
                    section.line(),
                    "begins a section of secrets that must have one of secret and file (a key of the Secret)");
        }
        if (!shared && file == null) {
            throw new Unusable(section.line(), "begins a section of secrets without file, a key of the Secret");
        }
        if (file != null) {
            byte[] content = content(file, file.value()).content();
            if (!shared) {
                opened(file, content, written != null);
            }
            if (kind.equals("pkcs12")) {
                container = Optional.of(content);
            }
        }
    }

    private ConfigurationFile content(Setting setting, String key) throws Unusable {
        byte[] content = secret.content(setting.line(), setting.name(), key, "");
        ConfigurationFile file = new ConfigurationFile(setting.line(), setting.name(), content, false);
        file.notEmpty();
        return file;
    }

    private static void opened(Setting file, byte[] content, boolean password) throws Unusable {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        boolean encrypted = text.contains("-----BEGIN ENCRYPTED PRIVATE KEY") || text.contains("4,ENCRYPTED");
        if (encrypted && !password) {
            throw new Unusable(
                    file.line(),
                    "file is encrypted, and nobody can type its password here; add secret, or decrypt it (openssl pkey)");
        }
    }

    /** Takes a section {@code local}. */
    void local(Section section) throws Unusable {
        SwanctlSettings.check(section, Kind.LOCAL);
        String auth = value(section, "auth").orElse("pubkey");
        Optional<byte[]> certificate = first(section, "certs");
        Optional<byte[]> known = switch (auth.split("-", 2)[0]) {
            case "psk" -> named(section, "id");
            case "xauth" -> named(section, "xauth_id", "id");
            case "eap" ->
                auth.equals("eap-tls")
                        ? named(section, "eap_id", "id").or(() -> certificate)
                        : named(section, "eap_id", "id");
            default -> named(section, "id").or(() -> certificate).or(() -> container);
        };
        if (known.isEmpty()) {
            throw new Unusable(
                    section.line(),
                    "begins a section local that does not say who the node is; add "
                            + (auth.startsWith("psk")
                                    ? "id"
                                    : auth.startsWith("eap") ? "eap_id or id" : "id or certs"));
        }
        needs(section, auth, certificate.isPresent());
        if (identity == null) {
            identity = known.get();
        }
    }

    /** Without what it needs a node would try for ever. */
    private void needs(Section section, String auth, boolean certificate) throws Unusable {
        boolean byKey = auth.equals("eap-tls") || !auth.matches("(psk|eap|xauth)(-.*)?");
        String kind = byKey ? "private" : auth.split("-", 2)[0].replace("psk", "ike");
        boolean there = byKey
                ? kinds.stream().anyMatch(one -> !List.of("ike", "eap", "xauth").contains(one))
                : kinds.contains(kind);
        if (!there) {
            throw new Unusable(
                    section.line(),
                    "begins a section local for which secrets has nothing; add a section " + kind + " to secrets");
        }
        if (byKey && !certificate && container.isEmpty()) {
            throw new Unusable(
                    section.line(),
                    "begins a section local without certs, the node's certificate as a key of the Secret");
        }
    }

    /** Takes a section {@code remote}, which must leave no doubt of who the peer is. */
    void remote(Section section) throws Unusable {
        SwanctlSettings.check(section, Kind.REMOTE);
        boolean pinned = first(section, "certs").isPresent();
        boolean authority = first(section, "cacerts").isPresent();
        String id = value(section, "id").orElse("%any");
        if (value(section, "auth").orElse("pubkey").equals("psk")) {
            return;
        }
        if (!pinned && !authority && container.isEmpty()) {
            throw new Unusable(
                    section.line(),
                    "begins a section remote without cacerts and certs, so no certificate would do; name a key of the"
                            + " Secret that has the authority's certificate");
        }
        if (!pinned && (id.contains("%any") || id.contains("*"))) {
            throw new Unusable(
                    section.line(),
                    "begins a section remote whose id nothing tells from another one that the same authority vouches"
                            + " for; add id, without * or %any");
        }
    }

    /** The first certificate of a list; all of them are there. */
    private Optional<byte[]> first(Section section, String list) throws Unusable {
        Setting setting = section.settings().get(list);
        if (setting == null) {
            return Optional.empty();
        }
        Optional<byte[]> first = Optional.empty();
        for (String key : SwanctlParser.list(setting)) {
            byte[] content = content(setting, key).certificate();
            first = first.or(() -> Optional.of(content));
        }
        return first;
    }

    private static Optional<byte[]> named(Section section, String... names) {
        for (String name : names) {
            Optional<byte[]> found = value(section, name).map(value -> value.getBytes(StandardCharsets.UTF_8));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> value(Section section, String name) {
        return Optional.ofNullable(section.settings().get(name)).map(Setting::value);
    }
}
