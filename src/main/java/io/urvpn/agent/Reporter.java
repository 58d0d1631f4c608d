package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PeerStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusConnectionStatusBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Writes statuses on a thread of its own, so that no loop waits for the API: on a change of state at once, counters alone at
 * most every few minutes. While the API is away the newest status of each attachment waits.
 */
public final class Reporter implements StatusReports, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Reporter.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(15);

    private record Pending(String name, VpnAttachmentStatus status) {}

    private record Known(VpnAttachmentStatus status, Instant at) {}

    private final AttachmentStatusWriter writer;
    private final Clock clock;
    private final Duration counterInterval;
    private final Consumer<String> onWritten;
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private final Map<String, Known> known = new HashMap<>();
    private final Map<String, VpnAttachmentStatus> told = new HashMap<>();
    private final Thread thread;
    private boolean closed;

    /**
     * Begins to write.
     *
     * @param onWritten told the name of an attachment after its status was written
     */
    public Reporter(AttachmentStatusWriter writer, Clock clock, Duration counterInterval, Consumer<String> onWritten) {
        this.writer = writer;
        this.clock = clock;
        this.counterInterval = counterInterval;
        this.onWritten = onWritten;
        this.thread = Thread.ofPlatform().daemon().name("status").start(this::run);
    }

    @Override
    public synchronized void report(VpnAttachment attachment, VpnAttachmentStatus status) {
        String uid = attachment.getMetadata().getUid();
        Pending waiting = pending.get(uid);
        Known base = known.computeIfAbsent(uid, key -> new Known(attachment.getStatus(), clock.instant()));
        boolean due = waiting != null || clock.instant().isAfter(base.at().plus(counterInterval));
        told.put(uid, status);
        VpnAttachmentStatus last = waiting != null ? waiting.status() : base.status();
        if (due ? !status.equals(last) : !withoutCounters(status).equals(withoutCounters(last))) {
            pending.put(uid, new Pending(attachment.getMetadata().getName(), status));
            notifyAll();
        }
    }

    @Override
    public synchronized Optional<VpnAttachmentStatus> written(VpnAttachment attachment) {
        Known own = known.get(attachment.getMetadata().getUid());
        return Optional.ofNullable(own != null ? own.status() : attachment.getStatus());
    }

    /** The newest status of an attachment, whether it was written or not; empty before the first. */
    synchronized Optional<VpnAttachmentStatus> told(VpnAttachment attachment) {
        return Optional.ofNullable(told.get(attachment.getMetadata().getUid()));
    }

    /** Forgets an attachment that does not exist any more. */
    public synchronized void forget(String uid) {
        pending.remove(uid);
        known.remove(uid);
        told.remove(uid);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        thread.interrupt();
    }

    private void run() {
        Duration retry = FIRST_RETRY;
        try {
            while (true) {
                Map.Entry<String, Pending> next = next();
                if (next == null) {
                    return;
                }
                if (write(next.getKey(), next.getValue())) {
                    retry = FIRST_RETRY;
                } else {
                    Thread.sleep(retry);
                    retry = retry.multipliedBy(2).compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : retry.multipliedBy(2);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The one that waits longest; it goes to the end when it cannot be written. */
    private synchronized Map.Entry<String, Pending> next() throws InterruptedException {
        while (pending.isEmpty() && !closed) {
            wait();
        }
        return closed
                ? null
                : Map.entry(
                        pending.keySet().iterator().next(),
                        pending.values().iterator().next());
    }

    private boolean write(String uid, Pending what) {
        try {
            AttachmentStatusWriter.Written written = writer.write(what.name(), uid, what.status());
            synchronized (this) {
                pending.remove(uid, what);
                if (written == AttachmentStatusWriter.Written.GONE) {
                    known.remove(uid);
                    return true;
                }
                known.put(uid, new Known(what.status(), clock.instant()));
            }
            onWritten.accept(what.name());
            return true;
        } catch (RuntimeException e) {
            LOG.warnf("status of %s waits: %s", what.name(), e.getMessage());
            synchronized (this) {
                if (pending.remove(uid, what)) {
                    pending.put(uid, what);
                }
            }
            return false;
        }
    }

    private static VpnAttachmentStatus withoutCounters(VpnAttachmentStatus status) {
        if (status == null || (status.peers() == null && status.connection() == null)) {
            return status;
        }
        List<PeerStatus> peers = status.peers() == null
                ? null
                : status.peers().stream()
                        .map(peer -> new PeerStatus(peer.publicKey(), peer.endpoint(), null, null, null))
                        .toList();
        return VpnAttachmentStatusBuilder.builder(status)
                .peers(peers)
                .connection(withoutCounters(status.connection()))
                .build();
    }

    /** While a daemon tries to connect it goes through its states, with the same error, every few seconds. */
    private static ConnectionStatus withoutCounters(ConnectionStatus connection) {
        return connection == null
                ? null
                : VpnAttachmentStatusConnectionStatusBuilder.builder(connection)
                        .state(null)
                        .lastHandshakeAt(null)
                        .receivedBytes(null)
                        .sentBytes(null)
                        .lastErrorAt(null)
                        .build();
    }
}
