package io.urvpn.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a configuration gives the daemon to read beside itself: a key of the Secret, or a block.
 *
 * @param line where it is named, from 1
 * @param directive that names it
 * @param content its bytes
 * @param inline true for a block
 */
record ConfigurationFile(int line, String directive, byte[] content, boolean inline) {
    private static final Pattern PRIVATE_KEY = Pattern.compile(
            "-----BEGIN ([A-Z0-9]+ )?PRIVATE KEY-----(.*?)-----END ([A-Z0-9]+ )?PRIVATE KEY-----", Pattern.DOTALL);

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", Pattern.DOTALL);

    private String text() {
        return new String(content, StandardCharsets.ISO_8859_1);
    }

    /** Its private key as PEM, without spaces and what stands around it, so that each copy of a key is the same. */
    byte[] privateKey() throws Unusable {
        return pem().group(2).replaceAll("\\s", "").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Its first certificate, as {@link #privateKey} has a key; all of it where it is no PEM. */
    byte[] certificate() {
        Matcher matcher = CERTIFICATE.matcher(text());
        return matcher.find() ? matcher.group(1).replaceAll("\\s", "").getBytes(StandardCharsets.ISO_8859_1) : content;
    }

    /** True for a private key that a password opens. */
    boolean encrypted() throws Unusable {
        return "ENCRYPTED ".equals(pem().group(1)) || pem().group(2).contains("4,ENCRYPTED");
    }

    private Matcher pem() throws Unusable {
        Matcher matcher = PRIVATE_KEY.matcher(text());
        if (!matcher.find()) {
            throw new Unusable(
                    line,
                    directive + " holds no private key; it stands between -----BEGIN PRIVATE KEY----- and its END");
        }
        return matcher;
    }

    /** The bytes of a PKCS#12 file, which a block holds in base64. */
    byte[] container() throws Unusable {
        if (!inline) {
            return content;
        }
        try {
            return Base64.getDecoder().decode(text().replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new Unusable(line, directive + " holds no base64; openssl base64 -in <file> makes it");
        }
    }

    /** The name of an auth-user-pass; the daemon would ask a person for what is missing. */
    String userName() throws Unusable {
        String[] lines = text().split("\n", -1);
        Optional<String> name =
                lines.length > 1 && !lines[1].isBlank() ? Optional.of(lines[0].strip()) : Optional.empty();
        return name.filter(told -> !told.isEmpty())
                .orElseThrow(() -> new Unusable(
                        line, directive + " must have the name on its first line and the password on its second"));
    }

    /** Refuses one without content. */
    void notEmpty() throws Unusable {
        if (text().isBlank()) {
            throw new Unusable(line, directive + " is empty");
        }
    }
}
