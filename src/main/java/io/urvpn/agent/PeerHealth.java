package io.urvpn.agent;

import io.urvpn.host.WireGuardDevices.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether somebody answers at the other end. A peer is expected to have shaken hands lately when it is kept alive or when
 * something was sent to it lately: an idle WireGuard tunnel shakes no hands and is well.
 */
public final class PeerHealth {
    /** REJECT_AFTER_TIME of the WireGuard protocol: an older session carries nothing any more. */
    public static final Duration SESSION = Duration.ofSeconds(180);

    /** Of what was sent before this agent looked, nobody knows when it was. */
    private record Sent(long bytes, Instant lastGrowth) {}

    private final Map<String, Sent> sent = new HashMap<>();

    /** True where no peer is expected to answer, or one of those that are did so lately. */
    public boolean answered(List<Peer> peers, Instant now) {
        boolean expected = false;
        boolean answered = false;
        for (Peer peer : peers) {
            boolean recent = peer.lastHandshake()
                    .filter(handshake -> handshake.plus(SESSION).isAfter(now))
                    .isPresent();
            expected |= expected(peer, now);
            answered |= recent;
        }
        sent.keySet().retainAll(peers.stream().map(Peer::publicKey).toList());
        return !expected || answered;
    }

    private boolean expected(Peer peer, Instant now) {
        Sent before = sent.get(peer.publicKey());
        Sent after = before != null && before.bytes() == peer.sentBytes()
                ? before
                : new Sent(peer.sentBytes(), before == null ? Instant.MIN : now);
        sent.put(peer.publicKey(), after);
        boolean sending = peer.sentBytes() > 0
                && (peer.lastHandshake().isEmpty()
                        || after.lastGrowth().plus(SESSION).isAfter(now));
        return peer.persistentKeepaliveSeconds() > 0 || sending;
    }
}
