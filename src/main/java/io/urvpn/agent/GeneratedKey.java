package io.urvpn.agent;

import io.urvpn.host.HostException;
import io.urvpn.host.NodeFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The WireGuard key that this node makes for one attachment, which never leaves it. It is made once, outlives a reboot, and
 * goes with the attachment: {@link ConfigurationUpdate} removes it with the instance's other files, wherever one of them was
 * being written when a crash came, and the verification looks for all of them. A file holds it as {@code wg genkey} writes
 * it, base64 and a line end, and only its owner may read it.
 */
final class GeneratedKey {
    private static final Logger LOG = Logger.getLogger(GeneratedKey.class);

    private final NodeFiles files;
    private final InstancePaths paths;

    GeneratedKey(NodeFiles files, InstancePaths paths) {
        this.files = files;
        this.paths = paths;
    }

    /**
     * Makes the key where there is none, and puts its public half on record before it is on the disk. A key that is not on
     * record is of an attachment before this one, or was damaged: it is replaced, by what the launcher was handed where that
     * is on record, since the tunnel runs with it.
     *
     * @return the entry with the public key
     * @throws Registry.Unwritable where the key, or its record, cannot be written
     * @throws HostException where the key cannot be read
     */
    JournalEntry ensure(Registry registry, JournalEntry entry) {
        Optional<String> there = publicKey(paths.privateKey());
        if (there.isPresent() && there.get().equals(entry.publicKey())) {
            return entry;
        }
        if (entry.publicKey() != null) {
            boolean handed = publicKey(paths.handedKey())
                    .filter(entry.publicKey()::equals)
                    .isPresent();
            LOG.warnf(
                    "the private key of %s for instance %s is not in %s any more; %s",
                    entry.publicKey(),
                    entry.instance().name(),
                    paths.privateKey(),
                    handed ? "the launcher's is copied back" : "another one is made, which its peer does not know yet");
            if (handed) {
                write(files.read(paths.handedKey()).orElseThrow());
                return entry;
            }
        }
        byte[] key = Curve25519.newPrivateKey();
        JournalEntry recorded = registry.save(JournalEntryBuilder.builder(entry)
                .publicKey(Base64.getEncoder().encodeToString(Curve25519.publicKey(key)))
                .build());
        write((Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII));
        Arrays.fill(key, (byte) 0);
        return recorded;
    }

    private void write(byte[] text) {
        try {
            files.write(paths.privateKey(), text);
        } catch (HostException e) {
            throw new Registry.Unwritable(e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    /** Gives the launcher the key, where it does not have it. */
    void handOut() {
        byte[] key = files.read(paths.privateKey())
                .orElseThrow(() -> new IllegalStateException("there is no key to hand out: ensure() comes first"));
        if (files.read(paths.handedKey()).filter(had -> Arrays.equals(had, key)).isEmpty()) {
            files.write(paths.handedKey(), key);
        }
        Arrays.fill(key, (byte) 0);
    }

    /** Public half of the key in a file; empty where there is none or it is no key. */
    private Optional<String> publicKey(Path file) {
        return files.read(file)
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII).strip())
                .flatMap(GeneratedKey::decoded)
                .map(key -> Base64.getEncoder().encodeToString(Curve25519.publicKey(key)));
    }

    private static Optional<byte[]> decoded(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text)).filter(key -> key.length == Curve25519.KEY_BYTES);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
