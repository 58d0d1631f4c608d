package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusDeliveryBuilder;
import io.urvpn.notify.MqttLink;
import io.urvpn.notify.MqttMessage;
import io.urvpn.notify.MqttSettings;
import io.urvpn.notify.MqttTopics;
import io.urvpn.notify.Outbox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of a cleanup: put on record by the status write that makes them due, sent one after the other from what is
 * stored, and owed until a later status write says that the broker has acknowledged them. An operator that was restarted in
 * between sends again; nothing in a cleanup waits for it.
 */
final class CleanupMessages {
    private static final Logger LOG = LoggerFactory.getLogger(CleanupMessages.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final int DOUBLINGS = 6;
    private static final int ERROR = 512;

    private final MqttSettings settings;
    private final MqttLink link;
    private final ClusterCache cache;
    private final EventRoutes routes;
    private final Clock clock;
    /** What became of the message that was sent last, by the uid of its cleanup; until that is on record. */
    private final Map<String, Sending> sendings = new ConcurrentHashMap<>();

    /** One message on its way, or what became of it. */
    private record Sending(
            Delivery delivery,
            int attempts,
            Optional<Instant> acknowledgedAt,
            Optional<String> error,
            Instant retryAt) {
        boolean is(Delivery other) {
            return delivery.kind() == other.kind();
        }

        boolean underWay() {
            return acknowledgedAt.isEmpty() && error.isEmpty();
        }
    }

    CleanupMessages(MqttSettings settings, MqttLink link, ClusterCache cache, EventRoutes routes, Clock clock) {
        this.settings = settings;
        this.link = link;
        this.cache = cache;
        this.routes = routes;
        this.clock = clock;
    }

    /** The cleanups that wait for the connection look at it again. */
    static void connectionChanged(ClusterCache cache, EventRoutes routes) {
        routes.toCleanups(cache.cleanups().stream()
                .filter(cleanup -> Outbox.next(cleanup.getStatus()).isPresent())
                .toList());
    }

    /** The status with the messages that are due with it, what became of those on record, and the condition that tells it. */
    VpnCleanupStatus with(VpnCleanup stored, VpnCleanupStatus next) {
        Instant now = clock.instant();
        List<Delivery> deliveries = Outbox.due(stored, next, () -> AgentsThere.of(stored, cache, now), now).stream()
                .map(delivery -> told(stored, delivery))
                .toList();
        if (deliveries.isEmpty()) {
            return next;
        }
        return VpnCleanupStatusBuilder.builder(next)
                .deliveries(deliveries)
                .conditions(conditions(stored, next, deliveries, now))
                .build();
    }

    private Delivery told(VpnCleanup stored, Delivery delivery) {
        if (delivery.state() != DeliveryState.PENDING) {
            return delivery;
        }
        VpnCleanupStatusDeliveryBuilder told = VpnCleanupStatusDeliveryBuilder.builder(delivery);
        Sending sending = sendings.get(stored.getMetadata().getUid());
        if (sending != null && sending.is(delivery) && !sending.underWay()) {
            told.attempts(sending.attempts());
            if (sending.acknowledgedAt().isPresent()) {
                return told.state(DeliveryState.ACKNOWLEDGED)
                        .acknowledgedAt(sending.acknowledgedAt().get())
                        .lastError(null)
                        .build();
            }
            told.lastError(sending.error().orElseThrow());
        }
        boolean first = Outbox.next(stored.getStatus())
                .filter(one -> one.kind() == delivery.kind())
                .isPresent();
        if (link.problem().isPresent() && first) {
            // what it waits for now goes before what it met earlier
            told.lastError(Conditions.cut(link.problem().get(), ERROR));
        } else if (link.connected() && sending == null) {
            told.lastError(null);
        }
        return told.build();
    }

    private List<Condition> conditions(
            VpnCleanup stored, VpnCleanupStatus next, List<Delivery> deliveries, Instant now) {
        List<Condition> conditions = new ArrayList<>(next.conditions());
        conditions.removeIf(condition -> Reasons.NOTIFIED.equals(condition.getType()));
        List<Condition> before =
                stored.getStatus() == null ? null : stored.getStatus().conditions();
        Conditions own = new Conditions(before, stored.getMetadata().getGeneration(), now);
        Optional<Delivery> waiting = waiting(deliveries);
        if (waiting.isEmpty()) {
            own.set(Reasons.NOTIFIED, true, Reasons.ACKNOWLEDGED, "the broker has acknowledged each message");
        } else if (waiting.get().lastError() == null) {
            own.set(Reasons.NOTIFIED, false, Reasons.MESSAGE_PENDING, "a message is on its way");
        } else if (waiting(Outbox.recorded(stored.getStatus())).equals(waiting)) {
            // it is being tried again, which is no news before it has ended
            own.keep(Reasons.NOTIFIED);
        } else {
            own.set(
                    Reasons.NOTIFIED,
                    false,
                    link.connected() ? Reasons.MESSAGE_REFUSED : Reasons.BROKER_UNREACHABLE,
                    "not delivered yet: " + waiting.get().lastError() + "; it is tried again by itself");
        }
        conditions.addAll(own.list());
        return conditions;
    }

    private static Optional<Delivery> waiting(List<Delivery> deliveries) {
        return deliveries.stream()
                .filter(one -> one.state() == DeliveryState.PENDING)
                .findFirst();
    }

    /**
     * Sends the next message that is on record.
     *
     * @param stored as it was read live in this pass
     * @return when to look again, where nothing comes by itself
     */
    Optional<Duration> send(VpnCleanup stored) {
        String uid = stored.getMetadata().getUid();
        Optional<Delivery> next = Outbox.next(stored.getStatus());
        Sending sending = sendings.get(uid);
        if (sending != null && next.filter(sending::is).isEmpty()) {
            // it is on record as acknowledged
            sendings.remove(uid, sending);
            sending = null;
        }
        if (next.isEmpty() || !link.connected()) {
            return Optional.empty();
        }
        if (sending != null && (sending.underWay() || sending.acknowledgedAt().isPresent())) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        if (sending != null && now.isBefore(sending.retryAt())) {
            return Optional.of(Duration.between(now, sending.retryAt()).plusMillis(1));
        }
        int attempts = 1
                + Optional.ofNullable(sending)
                        .map(Sending::attempts)
                        .orElse(Optional.ofNullable(next.get().attempts()).orElse(0));
        send(stored, next.get(), attempts, now);
        return Optional.empty();
    }

    private void send(VpnCleanup stored, Delivery delivery, int attempts, Instant now) {
        String uid = stored.getMetadata().getUid();
        sendings.put(uid, new Sending(delivery, attempts, Optional.empty(), Optional.empty(), now));
        link.publish(new MqttMessage(
                        MqttTopics.of(settings.topic(), Outbox.displayName(stored)),
                        delivery.payload(),
                        Optional.of(stored.getMetadata().getName()),
                        Optional.empty()))
                .whenComplete((acknowledged, failure) -> {
                    Instant then = clock.instant();
                    sendings.put(
                            uid,
                            failure == null
                                    ? new Sending(delivery, attempts, Optional.of(then), Optional.empty(), then)
                                    : failed(delivery, attempts, failure, then));
                    routes.toCleanups(List.of(stored));
                });
    }

    private Sending failed(Delivery delivery, int attempts, Throwable failure, Instant then) {
        LOG.warn("message {} was not delivered: {}", delivery.kind(), failure.getMessage());
        // with the connection gone it is sent as soon as there is another
        Instant retry =
                link.connected() ? then.plus(FIRST_RETRY.multipliedBy(1L << Math.min(attempts - 1, DOUBLINGS))) : then;
        return new Sending(
                delivery, attempts, Optional.empty(), Optional.of(Conditions.cut(failure.getMessage(), ERROR)), retry);
    }

    /** The cleanup stays until then for what it owes, though its time is over; empty where it owes nothing. */
    Optional<Instant> owesUntil(VpnCleanup cleanup) {
        return Optional.ofNullable(cleanup.getStatus())
                .filter(status -> status.phase() == OperationPhase.COMPLETED && status.completedAt() != null)
                .filter(status -> Outbox.next(status).isPresent())
                .map(status -> status.completedAt().plus(settings.keepUndelivered()));
    }

    /** The cleanup is gone. */
    void forget(String uid) {
        sendings.remove(uid);
    }
}
