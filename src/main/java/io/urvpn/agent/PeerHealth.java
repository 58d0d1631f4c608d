package io.urvpn.agent;

import io.urvpn.host.WireGuardDevices.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether somebody answers at the other end. A peer is expected to have shaken hands lately when it is kept alive or when
 * something was sent to it lately: an idle WireGuard tunnel shakes no hands and is well, once it has.
 */
public final class PeerHealth {
    /** REJECT_AFTER_TIME of the WireGuard protocol: an older session carries nothing any more. */
    public static final Duration SESSION = Duration.ofSeconds(180);

    /** What is known of the other end. */
    public enum Health {
        /** A peer has shaken hands lately. */
        ANSWERED,
        /** A peer has shaken hands at some time, and none is expected to have done so lately. */
        IDLE,
        /** No peer has shaken hands that should have. */
        UNANSWERED
    }

    /** Of what was sent before this agent looked, nobody knows when it was. */
    private record Sent(long bytes, Instant lastGrowth) {}

    private final Map<String, Sent> sent = new HashMap<>();

    /** Of these peers at this moment. */
    public Health of(List<Peer> peers, Instant now) {
        boolean expected = false;
        boolean answered = false;
        boolean ever = false;
        for (Peer peer : peers) {
            boolean recent = peer.lastHandshake()
                    .filter(handshake -> handshake.plus(SESSION).isAfter(now))
                    .isPresent();
            expected |= expected(peer, now);
            answered |= recent;
            ever |= peer.lastHandshake().isPresent();
        }
        sent.keySet().retainAll(peers.stream().map(Peer::publicKey).toList());
        if (answered) {
            return Health.ANSWERED;
        }
        return ever && !expected ? Health.IDLE : Health.UNANSWERED;
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
