package io.urvpn.host;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** WireGuard's state, by wireguard-go's UAPI socket or the kernel's generic netlink. Keys that are secret never leave it. */
public interface WireGuardDevices {
    /**
     * A peer.
     *
     * @param publicKey base64
     * @param endpoint address and port, empty before one is known
     * @param lastHandshake empty before the first
     * @param receivedBytes bytes received
     * @param sentBytes bytes sent
     * @param persistentKeepaliveSeconds 0 is off
     */
    record Peer(
            String publicKey,
            String endpoint,
            Optional<Instant> lastHandshake,
            long receivedBytes,
            long sentBytes,
            int persistentKeepaliveSeconds) {}

    /**
     * The peers of an interface.
     *
     * @param socketDirectory where wireguard-go has its sockets for this instance
     * @return empty where no device answers
     */
    Optional<List<Peer>> peers(Path socketDirectory, String interfaceName);

    /**
     * Removes every peer, which is how WireGuard disconnects: nothing is sent or taken any more.
     *
     * @return false where no device answers
     */
    boolean disconnect(Path socketDirectory, String interfaceName);
}
