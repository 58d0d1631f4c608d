package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.agent.PeerHealth;
import io.urvpn.host.WireGuardDevices.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PeerHealthTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private final PeerHealth health = new PeerHealth();

    private static Peer peer(String key, Instant handshake, long sent, int keepalive) {
        return new Peer(key, "", Optional.ofNullable(handshake), 0, sent, keepalive);
    }

    private boolean answered(Instant now, Peer... peers) {
        return health.answered(List.of(peers), now);
    }

    @Test
    void aPeerThatIsKeptAliveHasToHaveShakenHandsLately() {
        assertThat(answered(NOW, peer("a", null, 0, 25))).isFalse();
        assertThat(answered(NOW, peer("a", NOW.minusSeconds(179), 0, 25))).isTrue();
        assertThat(answered(NOW, peer("a", NOW.minusSeconds(180), 0, 25))).isFalse();
    }

    @Test
    void aPeerToWhichSomethingWasSentHasToAnswer() {
        assertThat(answered(NOW, peer("a", null, 0, 0))).isTrue();
        assertThat(answered(NOW, peer("a", null, 148, 0))).isFalse();
        assertThat(answered(NOW, peer("a", NOW, 148, 0))).isTrue();
    }

    @Test
    void anIdleTunnelIsWell() {
        Instant handshake = NOW;
        Instant later = NOW.plus(Duration.ofHours(1));
        assertThat(answered(later, peer("a", handshake, 1000, 0))).isTrue();
        assertThat(answered(later.plusSeconds(5), peer("a", handshake, 1200, 0)))
                .as("sends again, and nobody answers")
                .isFalse();
    }

    @Test
    void onePeerOfSeveralThatAnswersIsEnough() {
        assertThat(answered(NOW, peer("a", null, 0, 25), peer("b", NOW, 0, 25))).isTrue();
    }
}
