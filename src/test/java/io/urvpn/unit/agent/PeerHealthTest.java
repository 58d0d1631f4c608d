package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.agent.PeerHealth;
import io.urvpn.agent.PeerHealth.Health;
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

    private Health health(Instant now, Peer... peers) {
        return health.of(List.of(peers), now);
    }

    @Test
    void aPeerThatIsKeptAliveHasToHaveShakenHandsLately() {
        assertThat(health(NOW, peer("a", null, 0, 25))).isEqualTo(Health.UNANSWERED);
        assertThat(health(NOW, peer("a", NOW.minusSeconds(179), 0, 25))).isEqualTo(Health.ANSWERED);
        assertThat(health(NOW, peer("a", NOW.minusSeconds(180), 0, 25))).isEqualTo(Health.UNANSWERED);
    }

    @Test
    void aPeerToWhichSomethingWasSentHasToAnswer() {
        assertThat(health(NOW, peer("a", null, 148, 0))).isEqualTo(Health.UNANSWERED);
        assertThat(health(NOW, peer("a", NOW, 148, 0))).isEqualTo(Health.ANSWERED);
    }

    @Test
    void aTunnelThatNobodyUsedYetIsNotUpBeforeItsFirstHandshake() {
        assertThat(health(NOW, peer("a", null, 0, 0))).isEqualTo(Health.UNANSWERED);
    }

    @Test
    void anIdleTunnelIsWell() {
        Instant handshake = NOW;
        Instant later = NOW.plus(Duration.ofHours(1));
        assertThat(health(later, peer("a", handshake, 1000, 0))).isEqualTo(Health.IDLE);
        assertThat(health(later.plusSeconds(5), peer("a", handshake, 1200, 0)))
                .as("sends again, and nobody answers")
                .isEqualTo(Health.UNANSWERED);
    }

    @Test
    void onePeerOfSeveralThatAnswersIsEnough() {
        assertThat(health(NOW, peer("a", null, 0, 25), peer("b", NOW, 0, 25))).isEqualTo(Health.ANSWERED);
    }
}
