package io.urvpn.agent;

import io.urvpn.host.NodeFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The random key by which a machine is known. It is no secret, it only tells machines apart: the Node's uid changes when
 * a Node is deleted and its machine registers again, while the tunnel runs on.
 */
public final class MachineKey {
    private static final int BYTES = 16;

    private MachineKey() {}

    /**
     * The key of this machine; made at the first call.
     *
     * @throws IllegalStateException where the file holds something else: a new key would answer for nothing that the
     *     old one owes
     */
    public static String of(NodeFiles files, Path stateDirectory) {
        Path file = stateDirectory.resolve("machine-key");
        return files.read(file)
                .map(bytes -> check(file, new String(bytes, StandardCharsets.US_ASCII).strip()))
                .orElseGet(() -> make(files, file));
    }

    private static String check(Path file, String key) {
        if (!key.matches("[0-9a-f]{32}")) {
            throw new IllegalStateException(
                    file + " does not hold a machine key (32 hexadecimal digits); restore it, or"
                            + " remove it where no VPN instance was ever on this machine");
        }
        return key;
    }

    private static String make(NodeFiles files, Path file) {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String key = HexFormat.of().formatHex(random);
        files.write(file, (key + "\n").getBytes(StandardCharsets.US_ASCII));
        return key;
    }
}
