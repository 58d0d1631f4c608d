package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The five components of one node: four as the agent tells them, the verification as the operator decides it. */
public final class NodeComponents {
    private NodeComponents() {}

    /**
     * The components of one node.
     *
     * @param facts what is known
     * @param decision what was decided over it
     * @param before the components as they were stored last, for what only they know; may be empty
     */
    public static List<ComponentStatus> of(DetachFacts facts, DetachDecision decision, List<ComponentStatus> before) {
        List<ComponentStatus> components = new ArrayList<>();
        List<ComponentStatus> told = facts.progress()
                .map(VpnAttachmentStatus.DetachStatus::components)
                .orElse(List.of());
        for (Component component : Component.values()) {
            components.add(
                    component == Component.VERIFICATION_JOB
                            ? verification(facts, decision, find(before, component))
                            : find(told, component).orElse(ComponentStatus.pending(component)));
        }
        return List.copyOf(components);
    }

    private static Optional<ComponentStatus> find(List<ComponentStatus> components, Component component) {
        return components.stream().filter(c -> c.component() == component).findFirst();
    }

    private static ComponentStatus verification(
            DetachFacts facts, DetachDecision decision, Optional<ComponentStatus> before) {
        VerificationAsk ask = decision instanceof DetachDecision.Ask next
                ? next.ask()
                : facts.spec().verification();
        if (ask == null) {
            return decision instanceof DetachDecision.Close close
                    ? closed(ComponentStatusBuilder.builder().component(Component.VERIFICATION_JOB), close)
                    : ComponentStatus.pending(Component.VERIFICATION_JOB);
        }
        Instant started = before.map(ComponentStatus::startedAt).orElse(ask.askedAt());
        ComponentStatusBuilder status = ComponentStatusBuilder.builder()
                .component(Component.VERIFICATION_JOB)
                .startedAt(started)
                .attempt(ask.attempt());
        return switch (decision) {
            case DetachDecision.End end ->
                answered(status.status(ComponentState.COMPLETED), started, end.verdict())
                        .build();
            case DetachDecision.Retry(Verdict failed, boolean exhausted, Instant _)
            when exhausted ->
                answered(status.status(ComponentState.FAILED), started, failed)
                        .error(error(failed))
                        .build();
            case DetachDecision.Retry retry ->
                answered(status.status(ComponentState.IN_PROGRESS), started, retry.failed())
                        .completedAt(null)
                        .durationMillis(null)
                        .error(error(retry.failed()))
                        .build();
            case DetachDecision.Close close -> closed(status, close);
            case DetachDecision.Ask _, DetachDecision.Wait _ -> asking(status, facts, ask, before);
        };
    }

    /** What was not read is not verified: a person left it out, or it failed. */
    private static ComponentStatus closed(ComponentStatusBuilder status, DetachDecision.Close close) {
        close.verdict()
                .ifPresent(last -> status.evidence(
                        EvidenceBuilder.builder().report(last.report()).build()));
        return status.status(close.outcome() == Outcome.FORCED ? ComponentState.SKIPPED : ComponentState.FAILED)
                .error(new ComponentError(
                        close.verdict().map(Verdict::errorCode).orElse(ErrorCodes.NOT_READ), close.why()))
                .build();
    }

    /** An operation whose retries are used up stays FAILED while it is asked again. */
    private static ComponentStatus asking(
            ComponentStatusBuilder status, DetachFacts facts, VerificationAsk ask, Optional<ComponentStatus> before) {
        boolean failed = Backoff.exhausted(facts.spec().detach().policy(), ask.attempt() - 1);
        return status.status(failed ? ComponentState.FAILED : ComponentState.IN_PROGRESS)
                .error(before.map(ComponentStatus::error).orElse(null))
                .evidence(before.map(ComponentStatus::evidence).orElse(null))
                .build();
    }

    private static ComponentStatusBuilder answered(ComponentStatusBuilder status, Instant started, Verdict verdict) {
        return status.completedAt(verdict.verifiedAt())
                .durationMillis(Math.max(
                        0, Duration.between(started, verdict.verifiedAt()).toMillis()))
                .evidence(EvidenceBuilder.builder().report(verdict.report()).build());
    }

    private static ComponentError error(Verdict verdict) {
        String code = verdict.errorCode() == null ? ErrorCodes.LEFTOVER : verdict.errorCode();
        return new ComponentError(code, found(verdict.report()));
    }

    /** What a report found, in one line; empty where it found nothing. */
    public static String found(VerificationReport report) {
        String found = Stream.of(
                        report.thread().exists() ? report.thread().details() : null,
                        report.routing().exists() ? report.routing().details() : null,
                        report.vpn().exists() ? report.vpn().details() : null,
                        report.configuration().exists() ? report.configuration().details() : null)
                .filter(Objects::nonNull)
                .filter(details -> !VerificationReport.NOT_READ.equals(details))
                .reduce((a, b) -> a + "; " + b)
                .orElse("");
        return found.length() <= 1000 ? found : found.substring(0, 1000) + "...";
    }
}
