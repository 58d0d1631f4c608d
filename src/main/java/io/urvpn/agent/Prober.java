package io.urvpn.agent;

import io.urvpn.agent.TunnelView.TunnelState;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Probe;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.host.Echoes;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Asks the address of {@code spec.probe} through the tunnel whether it answers, without waiting: each look does what is due.
 * Three requests in a row without an answer count as away, the first answer as back.
 */
final class Prober implements AutoCloseable {
    private static final int AWAY_AFTER = 3;
    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    /** While one is missing the next comes soon, however rare they are otherwise: its return shows within seconds. */
    private static final Duration WHILE_MISSING = Duration.ofSeconds(5);

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

    private final Echoes echoes;
    private final Clock clock;
    private Probe probe;
    private Echoes.Echo underway;
    private Instant sentAt = Instant.MIN;
    private boolean answers;
    private boolean heard;
    private int missed;
    private String error;

    Prober(Echoes echoes, Clock clock) {
        this.echoes = echoes;
        this.clock = clock;
    }

    /**
     * What the probe makes of the tunnel.
     *
     * @param wanted {@code null} where none is wanted
     * @param wasReady the attachment was Ready before this agent looked; it stays so until the probe says otherwise
     */
    TunnelState judge(Probe wanted, boolean wasReady, Link link, TunnelState state) {
        if (wanted == null) {
            forget();
            return state;
        }
        if (!wanted.equals(probe)) {
            forget();
            probe = wanted;
            answers = wasReady;
        }
        Instant now = clock.instant();
        hear(now);
        if (underway == null && !now.isBefore(sentAt.plus(pause()))) {
            send(link, now);
        }
        if (answers) {
            return state.up() || !heard
                    ? state
                    : state.because(Reasons.UP, "the probed address " + probe.address() + " answers");
        }
        return state.up() ? state.because(Reasons.PROBE_FAILED, silence()) : state;
    }

    /** Until the next look is due; {@code otherwise} where nothing is probed. */
    Duration next(Duration otherwise) {
        if (probe == null) {
            return otherwise;
        }
        Duration due = underway != null ? LOOK_AGAIN : Duration.between(clock.instant(), sentAt.plus(pause()));
        Duration soon = due.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN : due;
        return soon.compareTo(otherwise) < 0 ? soon : otherwise;
    }

    private void hear(Instant now) {
        if (underway == null) {
            return;
        }
        if (underway.answered()) {
            answers = true;
            heard = true;
            missed = 0;
            error = null;
            done();
        } else if (!now.isBefore(sentAt.plus(ANSWER_WITHIN))) {
            miss();
        }
    }

    private void send(Link link, Instant now) {
        sentAt = now;
        try {
            underway = echoes.send(link.index(), IpPrefix.parse(probe.address()));
            hear(now);
        } catch (HostException e) {
            error = e.getMessage();
            miss();
        }
    }

    private void miss() {
        done();
        if (++missed >= AWAY_AFTER) {
            answers = false;
        }
    }

    private Duration pause() {
        Duration interval =
                probe.intervalSeconds() == null ? DEFAULT_INTERVAL : Duration.ofSeconds(probe.intervalSeconds());
        boolean missing = missed > 0 || !answers;
        return missing && interval.compareTo(WHILE_MISSING) > 0 ? WHILE_MISSING : interval;
    }

    private String silence() {
        String message = "the probed address " + probe.address() + " does not answer pings through the tunnel";
        return error == null
                ? message + "; check that it is behind the tunnel, that the peer routes to it and that it answers pings"
                : message + ": " + error;
    }

    private void forget() {
        done();
        probe = null;
        sentAt = Instant.MIN;
        answers = false;
        heard = false;
        missed = 0;
        error = null;
    }

    private void done() {
        if (underway != null) {
            underway.close();
            underway = null;
        }
    }

    @Override
    public void close() {
        forget();
    }
}
