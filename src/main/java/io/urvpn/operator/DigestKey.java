package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's key for {@link ConfigurationDigests}, in a Secret that is installed empty and filled once. Without that
 * Secret nothing is compared, and a changed configuration takes effect when its pod is made anew.
 */
final class DigestKey {
    /** Name of the Secret, in the operator's namespace. */
    static final String SECRET = "ur-vpn-digest-key";

    private static final Logger LOG = LoggerFactory.getLogger(DigestKey.class);
    private static final String KEY = "key";
    private static final int BYTES = 32;
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final LiveReads live;
    private final ApiWrites writes;
    private final Clock clock;
    private ConfigurationDigests known;
    private Instant notBefore = Instant.MIN;

    DigestKey(LiveReads live, ApiWrites writes, Clock clock) {
        this.live = live;
        this.writes = writes;
        this.clock = clock;
    }

    /** Digests by the key; empty where it cannot be had at present. */
    synchronized Optional<ConfigurationDigests> digests() {
        Instant now = clock.instant();
        if (known == null && !now.isBefore(notBefore)) {
            notBefore = now.plus(AGAIN);
            known = read().map(ConfigurationDigests::new).orElse(null);
        }
        return Optional.ofNullable(known);
    }

    private Optional<byte[]> read() {
        try {
            Optional<Secret> secret = live.secret(SECRET);
            if (secret.isEmpty()) {
                LOG.warn("there is no Secret {}: tunnels are not restarted for a changed configuration", SECRET);
            }
            return secret.flatMap(found -> key(found).isPresent() ? key(found) : fill(found));
        } catch (KubernetesClientException e) {
            LOG.warn("Secret {}: {}", SECRET, e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<byte[]> key(Secret secret) {
        return Optional.ofNullable(secret.getData())
                .map(data -> data.get(KEY))
                .map(Base64.getMimeDecoder()::decode)
                .filter(key -> key.length == BYTES);
    }

    private Optional<byte[]> fill(Secret empty) {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        return writes.data(empty, Map.of(KEY, Base64.getEncoder().encodeToString(random)))
                .flatMap(DigestKey::key);
    }
}
