package io.urvpn.notify.metrics;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.DetachStatus;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Counts what happens in the cluster: it compares what was known of an object with what is known now. Each change is
 * counted by the operator that acts at that moment, and by no other.
 */
public final class OperatorMetrics {
    private static final Set<ComponentState> ENDED =
            Set.of(ComponentState.COMPLETED, ComponentState.FAILED, ComponentState.SKIPPED);
    private static final String CLEAN = "Clean";
    private static final String FIRST = "first";
    private static final String RETRY = "retry";
    private static final String VERIFIED = "Verified";
    private static final String NOT_READ = "NotRead";
    private static final String DEBT_OPEN = "DebtOpen";
    private static final List<String> RESULTS = List.of(VERIFIED, NOT_READ, DEBT_OPEN);
    /** An agent's word is not a label before it is one of these. */
    private static final Set<String> ERROR_CODES = Set.of(
            ErrorCodes.LEFTOVER,
            ErrorCodes.UNREADABLE,
            ErrorCodes.NOT_READ,
            ErrorCodes.TIMED_OUT,
            ErrorCodes.KERNEL_REFUSED,
            ErrorCodes.PROCESS_SURVIVED,
            ErrorCodes.TOOL_FAILED,
            ErrorCodes.FILE_FAILED);

    private final Measurements measurements;
    private volatile ClusterView view;
    private boolean begun;

    public OperatorMetrics(Measurements measurements) {
        this.measurements = measurements;
    }

    /** From now on the cluster is told as this operator knows it; once. */
    public void of(ClusterView known) {
        this.view = known;
        measurements.beforeEach(this::begin);
        measurements.whenAsked(snapshot -> ClusterSnapshot.take(known, snapshot));
    }

    /** What is usual is told from 0 on, by the operator that acts. */
    private synchronized void begin() {
        if (begun || !leads()) {
            return;
        }
        begun = true;
        for (Operation operation : Operation.values()) {
            String name = ClusterSnapshot.operation(operation);
            measurements.begin(Metric.OPERATION_FAILURES, name);
            RESULTS.forEach(result -> measurements.begin(Metric.OPERATION_DURATION, name, result));
        }
        for (Component component : Component.values()) {
            if (component != Component.VERIFICATION_JOB) {
                measurements.begin(Metric.STEP_DURATION, component.name(), ComponentState.COMPLETED.name());
                measurements.begin(Metric.STEP_DURATION, component.name(), ComponentState.FAILED.name());
            }
        }
        for (String attempt : List.of(FIRST, RETRY)) {
            List.of(CLEAN, ErrorCodes.LEFTOVER, ErrorCodes.UNREADABLE)
                    .forEach(result -> measurements.begin(Metric.VERIFICATIONS, result, attempt));
        }
    }

    private boolean leads() {
        ClusterView known = view;
        return known != null && known.leads();
    }

    /** Is told of each change of an attachment; an object that is new to this process says nothing. */
    public void attachment(Optional<VpnAttachment> before, Optional<VpnAttachment> after) {
        if (leads() && before.isPresent() && after.isPresent()) {
            Optional<VpnAttachmentStatus> was = before.map(VpnAttachment::getStatus);
            Optional<VpnAttachmentStatus> is = after.map(VpnAttachment::getStatus);
            List<ComponentStatus> known = components(was);
            components(is).stream()
                    .filter(step -> step.component() != Component.VERIFICATION_JOB)
                    .filter(step -> ENDED.contains(step.status()) && !known.contains(step) && !sameRun(known, step))
                    .forEach(this::step);
            Optional<Verdict> verdict = is.map(VpnAttachmentStatus::verdict);
            verdict.filter(answer -> !sameAsk(was.map(VpnAttachmentStatus::verdict), answer))
                    .ifPresent(this::verification);
        }
    }

    private static List<ComponentStatus> components(Optional<VpnAttachmentStatus> status) {
        return status.map(VpnAttachmentStatus::detach)
                .map(DetachStatus::components)
                .orElse(List.of());
    }

    /** A run is known by its beginning; what else is said of it may follow. */
    private static boolean sameRun(List<ComponentStatus> known, ComponentStatus step) {
        return known.stream()
                .anyMatch(other -> other.component() == step.component()
                        && ENDED.contains(other.status())
                        && Objects.equals(other.startedAt(), step.startedAt())
                        && Objects.equals(other.attempt(), step.attempt()));
    }

    private void step(ComponentStatus step) {
        measurements.took(
                Metric.STEP_DURATION,
                Duration.ofMillis(step.durationMillis() == null ? 0 : step.durationMillis()),
                step.component().name(),
                step.status().name());
    }

    private static boolean sameAsk(Optional<Verdict> before, Verdict after) {
        return before.filter(known -> Objects.equals(known.operationId(), after.operationId())
                        && Objects.equals(known.attempt(), after.attempt()))
                .isPresent();
    }

    private void verification(Verdict verdict) {
        String result = Boolean.TRUE.equals(verdict.clean())
                ? CLEAN
                : Optional.ofNullable(verdict.errorCode())
                        .filter(ERROR_CODES::contains)
                        .orElse("Unknown");
        boolean first = verdict.attempt() == null || verdict.attempt() <= 1;
        measurements.count(Metric.VERIFICATIONS, result, first ? FIRST : RETRY);
    }

    /** Is told of each change of an operation. */
    public void cleanup(Optional<VpnCleanup> before, Optional<VpnCleanup> after) {
        if (leads() && before.isPresent() && after.isPresent()) {
            OperationPhase was = phase(before.get());
            OperationPhase is = phase(after.get());
            if (is == was || is == null) {
                return;
            }
            String operation = ClusterSnapshot.operation(after.get().getSpec().operation());
            switch (is) {
                case FAILED -> measurements.count(Metric.OPERATION_FAILURES, operation);
                case COMPLETED, DEBT_OPEN -> ended(after.get(), operation, is);
                default -> {
                    // it is under way
                }
            }
        }
    }

    private static OperationPhase phase(VpnCleanup cleanup) {
        return cleanup.getStatus() == null ? null : cleanup.getStatus().phase();
    }

    private void ended(VpnCleanup cleanup, String operation, OperationPhase phase) {
        VpnCleanupStatus status = cleanup.getStatus();
        Instant began = status.startedAt() == null ? cleanup.getSpec().requestedAt() : status.startedAt();
        Instant end = Optional.ofNullable(status.completedAt()).orElseGet(() -> lastEnd(status, began));
        measurements.took(
                Metric.OPERATION_DURATION, Duration.between(began, end), operation, result(status.counts(), phase));
    }

    private static Instant lastEnd(VpnCleanupStatus status, Instant began) {
        return Optional.ofNullable(status.nodes()).orElse(List.of()).stream()
                .filter(node -> node.outcome() == Outcome.RELEASED)
                .map(VpnCleanupStatus.NodeCleanup::endedAt)
                .filter(Objects::nonNull)
                .max(Instant::compareTo)
                .orElse(began);
    }

    private static String result(Counts counts, OperationPhase phase) {
        if (phase == OperationPhase.DEBT_OPEN) {
            return DEBT_OPEN;
        }
        boolean notRead = counts != null && counts.notRead() != null && counts.notRead() > 0;
        return notRead ? NOT_READ : VERIFIED;
    }
}
