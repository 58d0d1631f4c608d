package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.cleanup.DetachDecision.Ask;
import io.urvpn.cleanup.DetachDecision.Close;
import io.urvpn.cleanup.DetachDecision.End;
import io.urvpn.cleanup.DetachDecision.Retry;
import io.urvpn.cleanup.DetachDecision.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Decides what is next for an attachment that was ordered to detach. Everything it needs stands in the attachment
 * itself, so nothing is forgotten over a restart, and the same facts always give the same decision.
 */
public final class DetachDecider {
    /** What is waited for when the agent owes something. */
    private static final Set<String> OF_THE_AGENT =
            Set.of(Reasons.WAITING_FOR_AGENT, Reasons.STEPS_RUNNING, Reasons.VERIFYING);

    private DetachDecider() {}

    /** What is to be done next. */
    public static DetachDecision decide(DetachFacts facts) {
        DetachDecision byTheNode = byTheNode(facts);
        if (byTheNode instanceof End) {
            return byTheNode;
        }
        return byAPerson(facts)
                .or(() -> byPresence(facts, byTheNode))
                .or(() -> byFailure(facts, byTheNode))
                .orElseGet(() -> hurried(facts, byTheNode));
    }

    /** A force ends the wait; a node that is looked at again, after that, is not ended by the same one. */
    private static Optional<DetachDecision> byAPerson(DetachFacts facts) {
        Optional<Intervention> force = facts.interventions()
                .last(InterventionKind.FORCE)
                .filter(one -> facts.stored().isEmpty()
                        || one.at().isAfter(facts.spec().detach().orderedAt()));
        Optional<Intervention> skip = facts.interventions()
                .last(InterventionKind.SKIP)
                .filter(one -> facts.stepsDone() && facts.stored().isEmpty())
                .filter(one -> facts.interventions().skipped().contains(Component.VERIFICATION_JOB));
        return force.or(() -> skip)
                .map(one -> new Close(
                        Outcome.FORCED,
                        answered(facts),
                        one.actor() + " ended it at " + one.at() + ": " + one.reason()));
    }

    private static Optional<DetachDecision> byPresence(DetachFacts facts, DetachDecision byTheNode) {
        String node = facts.spec().nodeName();
        Duration patience = Durations.parse(policy(facts).nodeLostAfter());
        return switch (facts.presence()) {
            case Presence.Present() -> Optional.empty();
            case Presence.Absent(Instant since, String why) -> {
                Instant gone = since.plus(patience);
                yield Optional.of(
                        facts.now().isBefore(gone)
                                ? new Wait(
                                        Reasons.NODE_ABSENT,
                                        why + "; it counts as gone at " + gone,
                                        since,
                                        Optional.of(gone))
                                : new Close(Outcome.NODE_GONE, Optional.empty(), why + " for " + written(patience)));
            }
            case Presence.OutOfService() ->
                lost(facts, byTheNode, "node " + node + " is out of service", silentSince(byTheNode));
            case Presence.Silent(Instant kubelet) ->
                silentSince(byTheNode)
                        .map(agent -> agent.isAfter(kubelet) ? agent : kubelet)
                        .flatMap(since -> facts.now().isBefore(since.plus(patience))
                                ? Optional.of(silent(node, since, since.plus(patience)))
                                : lost(
                                        facts,
                                        byTheNode,
                                        "kubelet and agent of node " + node + " have been silent since " + since,
                                        Optional.of(since)));
        };
    }

    private static DetachDecision silent(String node, Instant since, Instant lost) {
        return new Wait(
                Reasons.WAITING_FOR_AGENT,
                "kubelet and agent of node " + node + " have been silent since " + since
                        + "; the node was not read, so nothing is known to be gone; it counts as lost at " + lost,
                since,
                Optional.of(lost));
    }

    /** A lost node is waited for, unless its object may go; what an agent that is there all the same says still counts. */
    private static Optional<DetachDecision> lost(
            DetachFacts facts, DetachDecision byTheNode, String why, Optional<Instant> since) {
        boolean mayGo = policy(facts).releaseWhen() == ReleaseWhen.NODE_LOST
                || policy(facts).releaseWhen() == ReleaseWhen.NODE_LOST_OR_FAILED;
        if (mayGo && facts.stored().isEmpty()) {
            return Optional.of(new Close(Outcome.RELEASED, answered(facts), why));
        }
        return since.map(from -> new Wait(
                Reasons.NODE_LOST,
                why + "; the node was not read, so nothing is known to be gone",
                from,
                Optional.empty()));
    }

    /** Since when the agent has owed an answer; empty where it owes none. */
    private static Optional<Instant> silentSince(DetachDecision byTheNode) {
        return byTheNode instanceof Wait wait && OF_THE_AGENT.contains(wait.reason())
                ? Optional.of(wait.since())
                : Optional.empty();
    }

    private static Optional<DetachDecision> byFailure(DetachFacts facts, DetachDecision byTheNode) {
        boolean mayGo = policy(facts).releaseWhen() == ReleaseWhen.NODE_LOST_OR_FAILED
                && facts.stored().isEmpty();
        return mayGo && byTheNode instanceof Retry(Verdict failed, boolean exhausted, Instant _) && exhausted
                ? Optional.of(new Close(
                        Outcome.RELEASED,
                        Optional.of(failed),
                        "verification " + failed.attempt() + " of node "
                                + facts.spec().nodeName() + " failed, and the retries are used up"))
                : Optional.empty();
    }

    /** Where a person asked for it since the last answer, the next verification is due now. */
    private static DetachDecision hurried(DetachFacts facts, DetachDecision byTheNode) {
        return switch (byTheNode) {
            case Retry(Verdict failed, boolean _, Instant _)
            when facts.interventions().hurried(facts.spec().verification().askedAt()) ->
                askWhenDue(facts, failed.attempt() + 1, facts.now(), failed.verifiedAt(), Optional.of(failed));
            case Wait wait
            when Reasons.WAITING_FOR_VERIFICATION.equals(wait.reason())
                    && facts.interventions().hurried(facts.spec().detach().orderedAt())
                    && facts.spec().verification() == null ->
                askWhenDue(facts, 1, facts.now(), wait.since(), Optional.empty());
            default -> byTheNode;
        };
    }

    private static Optional<Verdict> answered(DetachFacts facts) {
        return facts.status()
                .map(VpnAttachmentStatus::verdict)
                .filter(verdict -> Objects.equals(
                        verdict.operationId(), facts.spec().detach().operationId()))
                .filter(DetachDecider::whole);
    }

    private static String written(Duration duration) {
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    private static DetachDecision byTheNode(DetachFacts facts) {
        VerificationAsk ask = facts.spec().verification();
        if (ask != null) {
            return afterAsk(facts, ask);
        }
        if (!facts.stepsDone()) {
            return waitForSteps(facts);
        }
        Instant stepsEnded = trusted(
                facts.progress().orElseThrow().stepsCompletedAt(),
                facts.spec().detach().orderedAt(),
                facts.now());
        Instant due = stepsEnded.plusSeconds(policy(facts).verificationDelaySeconds());
        return askWhenDue(facts, 1, due, stepsEnded, Optional.empty());
    }

    private static DetachDecision afterAsk(DetachFacts facts, VerificationAsk ask) {
        Optional<Verdict> verdict =
                facts.status().map(VpnAttachmentStatus::verdict).filter(answer -> echoes(answer, facts, ask));
        if (verdict.isPresent() && sameAgent(verdict.get(), ask)) {
            return afterVerdict(facts, ask, verdict.get());
        }
        // The agent was restarted or the machine booted after the ask: its answer, if any, does not count, and the same
        // attempt is asked for again.
        boolean otherAgent = facts.agent()
                .filter(agent -> !Objects.equals(agent.bootId(), ask.bootId())
                        || !Objects.equals(agent.agentStartedAt(), ask.agentStartedAt()))
                .isPresent();
        if (otherAgent) {
            return new Ask(askOf(facts, ask.attempt(), rerun(ask.rerun())), Optional.empty());
        }
        return waitForAnswer(facts, ask);
    }

    private static DetachDecision afterVerdict(DetachFacts facts, VerificationAsk ask, Verdict verdict) {
        CleanupPolicy policy = policy(facts);
        if (Boolean.TRUE.equals(verdict.clean())) {
            boolean whole = (policy.verify() == null || policy.verify().complete())
                    && (facts.spec().skip() == null || facts.spec().skip().isEmpty());
            Outcome outcome = whole ? Outcome.VERIFIED : Outcome.VERIFIED_IN_PART;
            return new End(outcome, verdict);
        }
        Instant read = trusted(verdict.verifiedAt(), ask.askedAt(), facts.now());
        Instant due = read.plus(Backoff.after(policy, ask.attempt()));
        if (facts.now().isBefore(due)) {
            return new Retry(verdict, Backoff.exhausted(policy, ask.attempt()), due);
        }
        return askWhenDue(facts, ask.attempt() + 1, due, read, Optional.of(verdict));
    }

    /** A verdict counts only if it echoes the ask and comes from the machine that had the tunnel. */
    private static boolean echoes(Verdict verdict, DetachFacts facts, VerificationAsk ask) {
        return Objects.equals(verdict.operationId(), facts.spec().detach().operationId())
                && Objects.equals(verdict.attachmentUid(), facts.uid())
                && Objects.equals(verdict.generation(), facts.generation())
                && Objects.equals(verdict.attempt(), ask.attempt())
                && verdict.machineKey() != null
                && verdict.machineKey().equals(facts.status().orElseThrow().machineKey())
                && verdict.machineKey().equals(facts.machineKey().orElse(null))
                && whole(verdict);
    }

    /** An agent of another version may leave out what is needed here; a part that it does not speak of was not read. */
    private static boolean whole(Verdict verdict) {
        VerificationReport report = verdict.report();
        return verdict.verifiedAt() != null
                && report != null
                && report.thread() != null
                && report.routing() != null
                && report.vpn() != null
                && report.configuration() != null;
    }

    private static boolean sameAgent(Verdict verdict, VerificationAsk ask) {
        return Objects.equals(verdict.bootId(), ask.bootId())
                && Objects.equals(verdict.agentStartedAt(), ask.agentStartedAt());
    }

    private static DetachDecision askWhenDue(
            DetachFacts facts, int attempt, Instant due, Instant since, Optional<Verdict> failed) {
        if (!facts.pods().isEmpty()) {
            return new Wait(
                    Reasons.WAITING_FOR_PODS,
                    "waiting for pod " + String.join(", ", facts.pods()) + " on node "
                            + facts.spec().nodeName() + " to end",
                    since,
                    Optional.empty());
        }
        if (facts.now().isBefore(due)) {
            return new Wait(
                    Reasons.WAITING_FOR_VERIFICATION,
                    "verification " + attempt + " of node " + facts.spec().nodeName() + " is due at " + due,
                    since,
                    Optional.of(due));
        }
        if (facts.agent().isEmpty()) {
            return agentAway(facts, since);
        }
        return new Ask(askOf(facts, attempt, failed.map(Verdict::failed).orElse(List.of())), failed);
    }

    private static VerificationAsk askOf(DetachFacts facts, int attempt, List<Component> rerun) {
        VpnNodeStatus agent = facts.agent().orElseThrow();
        return new VerificationAsk(attempt, facts.now(), agent.bootId(), agent.agentStartedAt(), rerun(rerun));
    }

    private static List<Component> rerun(List<Component> components) {
        return components == null
                ? List.of()
                : components.stream()
                        .filter(Objects::nonNull)
                        .filter(component -> component != Component.VERIFICATION_JOB)
                        .toList();
    }

    private static DetachDecision waitForSteps(DetachFacts facts) {
        Instant ordered = facts.spec().detach().orderedAt();
        Duration patience = Duration.ofSeconds(policy(facts).timeoutSeconds());
        if (facts.progress().isPresent()) {
            Instant started = facts.progress().get().startedAt();
            return new Wait(
                    Reasons.STEPS_RUNNING,
                    "the steps run on node " + facts.spec().nodeName(),
                    started == null ? ordered : started,
                    Optional.empty());
        }
        Instant away = ordered.plus(patience);
        if (facts.now().isBefore(away)) {
            return new Wait(
                    Reasons.STEPS_RUNNING,
                    "waiting for the agent of node " + facts.spec().nodeName() + " to begin",
                    ordered,
                    Optional.of(away));
        }
        return agentAway(facts, ordered);
    }

    private static DetachDecision waitForAnswer(DetachFacts facts, VerificationAsk ask) {
        Instant away = ask.askedAt().plusSeconds(policy(facts).timeoutSeconds());
        if (facts.now().isBefore(away)) {
            return new Wait(
                    Reasons.VERIFYING,
                    "verification " + ask.attempt() + " of node " + facts.spec().nodeName() + " is under way",
                    ask.askedAt(),
                    Optional.of(away));
        }
        return facts.status()
                        .map(VpnAttachmentStatus::verdict)
                        .filter(answer -> answersOtherwise(answer, ask))
                        .isPresent()
                ? answeredOtherwise(facts, ask)
                : agentAway(facts, ask.askedAt());
    }

    /** True where it is no answer to an earlier ask of this operation, which stays in the status until there is another. */
    private static boolean answersOtherwise(Verdict verdict, VerificationAsk ask) {
        return !whole(verdict) || !verdict.verifiedAt().isBefore(ask.askedAt());
    }

    private static DetachDecision answeredOtherwise(DetachFacts facts, VerificationAsk ask) {
        String version = facts.agent().map(VpnNodeStatus::agentVersion).orElse("not known");
        return new Wait(
                Reasons.WAITING_FOR_AGENT,
                "the agent of node " + facts.spec().nodeName() + " (version " + version
                        + ") has answered, but not as verification " + ask.attempt() + " was asked for at "
                        + ask.askedAt()
                        + ", as an agent of another version or machine does; it counts as no attempt, and nothing is known to be gone",
                ask.askedAt(),
                Optional.empty());
    }

    private static DetachDecision agentAway(DetachFacts facts, Instant since) {
        return new Wait(
                Reasons.WAITING_FOR_AGENT,
                "the agent of node " + facts.spec().nodeName() + " has not answered since " + since
                        + "; the node was not read, so nothing is known to be gone",
                since,
                Optional.empty());
    }

    private static CleanupPolicy policy(DetachFacts facts) {
        return facts.spec().detach().policy();
    }

    /** A node's clock may be off: an instant outside of what the operator's own clock allows is replaced by its bound. */
    private static Instant trusted(Instant reported, Instant earliest, Instant now) {
        boolean plausible = !reported.isBefore(earliest) && !reported.isAfter(now);
        return plausible ? reported : earliest;
    }
}
