package io.urvpn.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.messages.InitialResponse;
import io.urvpn.api.v1alpha1.DeliveryKind;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusDeliveryBuilder;
import io.urvpn.cleanup.Totals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which messages an operation owes, and what stands in them. A message is made once, in the status write that makes it
 * due, and sent as it stands there: a later state of the operation does not change it. Pure.
 */
public final class Outbox {
    private static final ObjectMapper JSON = Serialization.mapper();

    private Outbox() {}

    /**
     * The messages on record and those that become due with this status, in the order in which they are sent. A suspended
     * instance stays, so nothing is said of it.
     *
     * @param stored the operation as it is stored
     * @param next its status as it is about to be written
     * @param agents asked only where the initial response is made
     */
    public static List<Delivery> due(
            VpnCleanup stored, VpnCleanupStatus next, Supplier<InitialResponse.Agents> agents, Instant now) {
        List<Delivery> due = new ArrayList<>(recorded(stored.getStatus()));
        boolean was = stored.getStatus() != null && stored.getStatus().phase() == OperationPhase.COMPLETED;
        Operation operation = stored.getSpec().operation();
        boolean told = operation == Operation.DELETE || operation == Operation.INSTANCE_VANISHED;
        if (!told || (was && due.isEmpty())) {
            return due;
        }
        if (of(due, DeliveryKind.INITIAL).isEmpty() && !was) {
            due.add(pending(DeliveryKind.INITIAL, InitialResponse.accepted(agents.get()), now));
        }
        Optional<Delivery> verification = of(due, DeliveryKind.VERIFICATION);
        boolean ended = next.phase() == OperationPhase.COMPLETED
                || next.phase() == OperationPhase.DEBT_OPEN
                || next.phase() == OperationPhase.FAILED;
        if (verification.isEmpty() && ended && !was) {
            due.add(pending(DeliveryKind.VERIFICATION, verification(stored, next, now), now));
        } else if (verification.isPresent()
                && !successful(verification.get())
                && successful(next)
                && of(due, DeliveryKind.VERIFICATION_AFTER_FAILURE).isEmpty()) {
            due.add(pending(DeliveryKind.VERIFICATION_AFTER_FAILURE, verification(stored, next, now), now));
        }
        return due;
    }

    /** The messages on record that this version knows. */
    public static List<Delivery> recorded(VpnCleanupStatus status) {
        return Optional.ofNullable(status).map(VpnCleanupStatus::deliveries).orElse(List.of()).stream()
                .filter(delivery -> delivery.kind() != null && delivery.state() != null)
                .toList();
    }

    /** The one that is sent next: the first that was not acknowledged. */
    public static Optional<Delivery> next(VpnCleanupStatus status) {
        return recorded(status).stream()
                .filter(delivery -> delivery.state() == DeliveryState.PENDING)
                .findFirst();
    }

    /** Each node was read and is clean, or was in what was checked; what a person left out was not read. */
    public static boolean successful(VpnCleanupStatus status) {
        return status.phase() == OperationPhase.COMPLETED
                && nodes(status).stream()
                        .allMatch(node -> node.outcome() == Outcome.VERIFIED
                                || node.outcome() == Outcome.VERIFIED_IN_PART
                                        && (node.skipped() == null
                                                || node.skipped().isEmpty()));
    }

    private static List<NodeCleanup> nodes(VpnCleanupStatus status) {
        return status.nodes() == null ? List.of() : status.nodes();
    }

    private static boolean successful(Delivery told) {
        try {
            return JSON.readTree(told.payload()).path("cleanup_successful").booleanValue();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the message on record is JSON, as it was written", e);
        }
    }

    private static Optional<Delivery> of(List<Delivery> all, DeliveryKind kind) {
        return all.stream().filter(delivery -> delivery.kind() == kind).findFirst();
    }

    private static VerificationResponse verification(VpnCleanup stored, VpnCleanupStatus next, Instant now) {
        return VerificationResponse.of(
                stored.getMetadata().getName(),
                successful(next),
                report(stored, next),
                next.phase() == OperationPhase.COMPLETED && next.completedAt() != null ? next.completedAt() : now);
    }

    /** A node that was not read when the operation is told as ended counts as "Not read". */
    private static VerificationReport report(VpnCleanup stored, VpnCleanupStatus next) {
        String name = displayName(stored);
        List<VerificationReport> parts = new ArrayList<>();
        if (next.report() != null) {
            parts.add(next.report());
        }
        boolean unread = nodes(next).stream().anyMatch(node -> node.outcome() == null && node.verdict() == null);
        if (unread) {
            parts.add(VerificationReport.notRead(name));
        }
        VerificationReport sum = Totals.report(parts).orElseGet(() -> nothing(name));
        return new VerificationReport(name, sum.thread(), sum.routing(), sum.vpn(), sum.configuration());
    }

    /** Of an operation without nodes. */
    private static VerificationReport nothing(String name) {
        return new VerificationReport(
                name,
                new VerificationReport.ThreadVerification(false, false, VerificationReport.NO_THREAD),
                new VerificationReport.RoutingVerification(false, 0, VerificationReport.NO_ROUTING),
                new VerificationReport.VpnVerification(false, 0, VerificationReport.NO_VPN),
                new VerificationReport.ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION));
    }

    /** Name of the instance as messages show it. */
    public static String displayName(VpnCleanup cleanup) {
        return Optional.ofNullable(cleanup.getSpec().instanceDisplayName())
                .orElse(cleanup.getSpec().instance().name());
    }

    private static Delivery pending(DeliveryKind kind, Object message, Instant now) {
        try {
            return VpnCleanupStatusDeliveryBuilder.builder()
                    .kind(kind)
                    .state(DeliveryState.PENDING)
                    .recordedAt(now)
                    .attempts(0)
                    .payload(JSON.writeValueAsString(message))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a message is plain data", e);
        }
    }
}
