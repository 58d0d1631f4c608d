package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.urvpn.operator.Identities.Usable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Digests by which one configuration of a node is told from another. They stand where others may read them, and a shared
 * secret can be short: without the key nobody can try out what such a digest is of.
 */
public final class ConfigurationDigests {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES = 16;
    private static final int ID_LENGTH = 8;

    private final SecretKeySpec key;
    private final String keyId;

    /** @param key random, 32 bytes, known to who may read Secrets in the operator's namespace only */
    public ConfigurationDigests(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
        this.keyId = ObjectNames.sha256(HexFormat.of().formatHex(key)).substring(0, ID_LENGTH);
    }

    /** Tells digests of this key from those of another one, which say nothing. */
    public String keyId() {
        return keyId;
    }

    /** Digest of what the pod of this node gets to see: its configuration, and each file that this names. */
    public String of(String instanceUid, String node, Usable usable, Secret secret) {
        Map<String, String> data = Optional.ofNullable(secret.getData()).orElse(Map.of());
        List<String> parts = new ArrayList<>(List.of(instanceUid, node, data.getOrDefault(usable.key(), "")));
        usable.configuration().files().forEach(file -> {
            parts.add(file);
            parts.add(data.getOrDefault(file, ""));
        });
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            // neither names nor base64 have a line's end that would make two of one
            mac.update(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(mac.doFinal(), BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
