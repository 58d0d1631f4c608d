package io.urvpn.unit.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.DetachStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.cleanup.DetachDecider;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.DetachDecision.Ask;
import io.urvpn.cleanup.DetachDecision.Close;
import io.urvpn.cleanup.DetachDecision.End;
import io.urvpn.cleanup.DetachDecision.Retry;
import io.urvpn.cleanup.DetachDecision.Wait;
import io.urvpn.cleanup.DetachFacts;
import io.urvpn.cleanup.Interventions;
import io.urvpn.cleanup.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DetachDeciderTest {
    private static final Instant ORDERED = Instant.parse("2026-11-01T12:00:00Z");
    private static final Instant STEPS_DONE = ORDERED.plusMillis(400);
    private static final String KEY = "key-of-the-machine";
    private static final VpnNodeStatus AGENT =
            new VpnNodeStatus("0.1.0", ORDERED.minusSeconds(900), "boot-1", KEY, null, null);
    private static final CleanupPolicy POLICY =
            new CleanupPolicy(5, 3, 10, 60, 5, 300, "5m", ReleaseWhen.NEVER, VerifyPolicy.ALL, 604800);

    private VpnAttachmentSpec spec = spec(POLICY);
    private Optional<DetachStatus> steps = Optional.of(new DetachStatus("op", ORDERED, STEPS_DONE, List.of()));
    private Verdict verdict;
    private List<String> pods = List.of();
    private Optional<VpnNodeStatus> agent = Optional.of(AGENT);
    private long generation = 2;
    private Presence presence = new Presence.Present();
    private Interventions interventions = Interventions.NONE;
    private Optional<Outcome> stored = Optional.empty();

    private static VpnAttachmentSpec spec(CleanupPolicy policy) {
        return VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", "1b2c3d4e-0000-4000-8000-000000000000"))
                .nodeName("n1")
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .desired(DesiredState.DETACHED)
                .detach(new DetachOrder("op", ORDERED, "deleted", "office", policy))
                .build();
    }

    private DetachDecision at(Instant now) {
        var status = VpnAttachmentStatusBuilder.builder()
                .machineKey(KEY)
                .detach(steps.orElse(null))
                .verdict(verdict)
                .build();
        return DetachDecider.decide(new DetachFacts(
                "uid-1",
                generation,
                spec,
                Optional.of(status),
                pods,
                agent,
                presence,
                interventions,
                stored,
                Optional.empty(),
                now));
    }

    /** Writes the ask, as the operator does; the API server makes it a new generation. */
    private VerificationAsk write(DetachDecision decision) {
        VerificationAsk ask = ((Ask) decision).ask();
        spec = VpnAttachmentSpecBuilder.from(spec).withVerification(ask);
        generation++;
        return ask;
    }

    private Verdict answer(boolean clean, Instant at) {
        VerificationAsk ask = spec.verification();
        verdict = VerdictBuilder.builder()
                .operationId("op")
                .attachmentUid("uid-1")
                .generation(generation)
                .attempt(ask.attempt())
                .machineKey(KEY)
                .bootId(ask.bootId())
                .agentStartedAt(ask.agentStartedAt())
                .verifiedAt(at)
                .clean(clean)
                .failed(clean ? List.of() : List.of(Component.ROUTING_RULES_CLEAR))
                .report(VerificationReport.notRead("office"))
                .build();
        return verdict;
    }

    @Test
    void asksFirstWhenTheDelayHasPassedSinceTheLastStep() {
        assertThat(at(STEPS_DONE.plusSeconds(4)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.WAITING_FOR_VERIFICATION, Wait::reason)
                .returns(Optional.of(STEPS_DONE.plusSeconds(5)), Wait::dueAt);
        assertThat(at(STEPS_DONE.plusSeconds(5)))
                .asInstanceOf(type(Ask.class))
                .returns(1, ask -> ask.ask().attempt());
    }

    @Test
    void verifiesFourTimesFiveSecondsAfterTheStepsAndThenTenTwentyAndFortySecondsAfterEachFailure() {
        List<Instant> asked = new ArrayList<>();
        Instant now = STEPS_DONE;
        for (int attempt = 1; attempt <= 4; attempt++) {
            DetachDecision decision = at(now);
            now = decision instanceof Retry retry
                    ? retry.dueAt()
                    : ((Wait) decision).dueAt().orElseThrow();
            asked.add(write(at(now)).askedAt());
            answer(false, now);
        }
        assertThat(asked)
                .containsExactly(
                        STEPS_DONE.plusSeconds(5),
                        STEPS_DONE.plusSeconds(15),
                        STEPS_DONE.plusSeconds(35),
                        STEPS_DONE.plusSeconds(75));
        assertThat(at(now))
                .asInstanceOf(type(Retry.class))
                .returns(true, Retry::exhausted)
                .returns(now.plusSeconds(300), Retry::dueAt);
    }

    @Test
    void goesOnEveryBlockedRetrySecondsAndEndsByItselfWhenTheCauseIsGone() {
        Instant now = STEPS_DONE.plusSeconds(5);
        write(at(now));
        for (int attempt = 1; attempt <= 6; attempt++) {
            answer(false, now);
            now = ((Retry) at(now)).dueAt();
            assertThat(write(at(now)).attempt()).isEqualTo(attempt + 1);
        }
        answer(true, now);
        assertThat(at(now)).isEqualTo(new End(Outcome.VERIFIED, verdict));
    }

    @Test
    void runsOnlyTheStepsAgainWhoseCheckFailed() {
        write(at(STEPS_DONE.plusSeconds(5)));
        answer(false, STEPS_DONE.plusSeconds(5));
        assertThat(((Ask) at(STEPS_DONE.plusSeconds(15))).ask().rerun()).containsExactly(Component.ROUTING_RULES_CLEAR);
    }

    @Test
    void aVerificationWithACheckSwitchedOffIsVerifiedInPart() {
        spec = spec(new CleanupPolicy(
                0, 3, 10, 60, 5, 300, "5m", ReleaseWhen.NEVER, new VerifyPolicy(true, true, true, false), 1));
        write(at(STEPS_DONE));
        assertThat(new End(Outcome.VERIFIED_IN_PART, answer(true, STEPS_DONE))).isEqualTo(at(STEPS_DONE));
    }

    @Test
    void doesNotAskBeforeThePodsHaveGone() {
        pods = List.of("urvpn-1b2c3d4e-x7");
        assertThat(at(STEPS_DONE.plusSeconds(60)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.WAITING_FOR_PODS, Wait::reason)
                .satisfies(wait -> assertThat(wait.message()).contains("urvpn-1b2c3d4e-x7", "n1"));
    }

    @Test
    void doesNotAskBeforeTheStepsOfThisOrderAreDone() {
        steps = Optional.of(new DetachStatus("another-op", ORDERED, STEPS_DONE, List.of()));
        assertThat(at(STEPS_DONE.plusSeconds(5)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.STEPS_RUNNING, Wait::reason);
    }

    @Test
    void saysThatAnAgentIsAwayWhenItDoesNotBeginWithinTheTimeout() {
        steps = Optional.empty();
        assertThat(at(ORDERED.plusSeconds(60)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.WAITING_FOR_AGENT, Wait::reason)
                .returns(ORDERED, Wait::since)
                .satisfies(wait -> assertThat(wait.message()).contains("n1", "was not read"));
    }

    @Test
    void countsNoAttemptWhileAnAskIsNotAnswered() {
        Instant asked = STEPS_DONE.plusSeconds(5);
        write(at(asked));
        assertThat(at(asked.plusSeconds(59))).asInstanceOf(type(Wait.class)).returns(Reasons.VERIFYING, Wait::reason);
        assertThat(at(asked.plus(Duration.ofHours(3))))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.WAITING_FOR_AGENT, Wait::reason);
    }

    @Test
    void aVerdictOfAnotherGenerationAttemptUidOperationOrMachineDoesNotCount() {
        Instant asked = STEPS_DONE.plusSeconds(5);
        write(at(asked));
        Verdict good = answer(true, asked);
        List<Verdict> forged = List.of(
                VerdictBuilder.from(good).withGeneration(generation - 1),
                VerdictBuilder.from(good).withAttempt(2),
                VerdictBuilder.from(good).withAttachmentUid("uid-2"),
                VerdictBuilder.from(good).withOperationId("other"),
                VerdictBuilder.from(good).withMachineKey("another machine under the old name"),
                VerdictBuilder.from(good).withMachineKey(null));
        for (Verdict each : forged) {
            verdict = each;
            assertThat(at(asked)).as(each.toString()).isInstanceOf(Wait.class);
        }
    }

    @Test
    void asksAgainWithTheSameAttemptWhenAgentOrMachineWereStartedAnewAfterTheAsk() {
        Instant asked = STEPS_DONE.plusSeconds(5);
        write(at(asked));
        agent = Optional.of(new VpnNodeStatus("0.1.0", asked.plusSeconds(1), "boot-2", KEY, null, null));
        answer(true, asked.plusSeconds(2));
        verdict = VerdictBuilder.from(verdict).withBootId("boot-2");
        assertThat(at(asked.plusSeconds(2)))
                .asInstanceOf(type(Ask.class))
                .returns(1, ask -> ask.ask().attempt())
                .returns("boot-2", ask -> ask.ask().bootId());
    }

    @Test
    void aNodeWhoseClockIsAnHourAheadDoesNotDelayItsRetries() {
        Instant asked = STEPS_DONE.plusSeconds(5);
        write(at(asked));
        answer(false, asked.plus(Duration.ofHours(1)));
        assertThat(at(asked.plusSeconds(1)))
                .asInstanceOf(type(Retry.class))
                .returns(asked.plusSeconds(10), Retry::dueAt);
    }

    private void releases(ReleaseWhen when) {
        spec = spec(new CleanupPolicy(5, 3, 10, 60, 5, 300, "5m", when, VerifyPolicy.ALL, 604800));
    }

    private static Intervention by(InterventionKind kind, Component component, Instant at) {
        return new Intervention(kind, "ops@example.com", at, "the disk is dead", component, null);
    }

    @Test
    void aNodeThatNoMachineBacksIsGoneAfterNodeLostAfterAndNotBefore() {
        Instant since = ORDERED.plusSeconds(60);
        presence = new Presence.Absent(since, "there is no Node n1");
        agent = Optional.empty();
        assertThat(at(since.plusSeconds(299)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.NODE_ABSENT, Wait::reason)
                .returns(since, Wait::since)
                .returns(Optional.of(since.plusSeconds(300)), Wait::dueAt);
        assertThat(at(since.plusSeconds(300)))
                .asInstanceOf(type(Close.class))
                .returns(Outcome.NODE_GONE, Close::outcome)
                .returns(Optional.empty(), Close::verdict);
    }

    @Test
    void aVerdictThatIsThereCountsAlthoughTheNodeHasGoneSince() {
        write(at(STEPS_DONE.plusSeconds(5)));
        answer(true, STEPS_DONE.plusSeconds(6));
        presence = new Presence.Absent(ORDERED, "there is no Node n1");
        assertThat(at(STEPS_DONE.plusSeconds(900)))
                .asInstanceOf(type(End.class))
                .returns(Outcome.VERIFIED, End::outcome);
    }

    @Test
    void aSilentNodeIsWaitedForWhereNothingMayBeLetGo() {
        steps = Optional.empty();
        presence = new Presence.Silent(ORDERED.plusSeconds(20));
        assertThat(at(ORDERED.plusSeconds(319)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.WAITING_FOR_AGENT, Wait::reason)
                .returns(Optional.of(ORDERED.plusSeconds(320)), Wait::dueAt);
        assertThat(at(ORDERED.plusSeconds(320)))
                .asInstanceOf(type(Wait.class))
                .returns(Reasons.NODE_LOST, Wait::reason)
                .returns(Optional.empty(), Wait::dueAt)
                .satisfies(wait -> assertThat(wait.message()).contains("n1"));
    }

    @Test
    void aLostNodeIsReleasedWhereThatIsSaid() {
        steps = Optional.empty();
        releases(ReleaseWhen.NODE_LOST);
        presence = new Presence.Silent(ORDERED.plusSeconds(20));
        assertThat(at(ORDERED.plusSeconds(319))).isInstanceOf(Wait.class);
        assertThat(at(ORDERED.plusSeconds(320)))
                .asInstanceOf(type(Close.class))
                .returns(Outcome.RELEASED, Close::outcome);
    }

    @Test
    void aReleasedNodeGoesOnBeingAskedUntilItIsVerified() {
        releases(ReleaseWhen.NODE_LOST);
        stored = Optional.of(Outcome.RELEASED);
        assertThat(at(STEPS_DONE.plusSeconds(900))).isInstanceOf(Ask.class);
        write(at(STEPS_DONE.plusSeconds(900)));
        answer(true, STEPS_DONE.plusSeconds(901));
        assertThat(at(STEPS_DONE.plusSeconds(901))).isInstanceOf(End.class);
    }

    @Test
    void aNodeOutOfServiceIsLostAtOnceButItsAgentIsStillAsked() {
        presence = new Presence.OutOfService();
        assertThat(at(STEPS_DONE.plusSeconds(5))).isInstanceOf(Ask.class);
        steps = Optional.empty();
        assertThat(at(ORDERED.plusSeconds(1))).asInstanceOf(type(Wait.class)).returns(Reasons.NODE_LOST, Wait::reason);
        releases(ReleaseWhen.NODE_LOST_OR_FAILED);
        assertThat(at(ORDERED.plusSeconds(1)))
                .asInstanceOf(type(Close.class))
                .returns(Outcome.RELEASED, Close::outcome);
    }

    @Test
    void aFailedNodeIsReleasedOnlyWhereThatIsSaid() {
        CleanupPolicy none = new CleanupPolicy(
                5, 0, 10, 60, 5, 300, "5m", ReleaseWhen.NODE_LOST_OR_FAILED, VerifyPolicy.ALL, 604800);
        spec = spec(none);
        write(at(STEPS_DONE.plusSeconds(5)));
        answer(false, STEPS_DONE.plusSeconds(6));
        assertThat(at(STEPS_DONE.plusSeconds(7)))
                .asInstanceOf(type(Close.class))
                .returns(Outcome.RELEASED, Close::outcome)
                .returns(Optional.of(verdict), Close::verdict);
    }

    @Test
    void aRetryMakesTheNextVerificationDueNowAndCountsOnce() {
        write(at(STEPS_DONE.plusSeconds(5)));
        answer(false, STEPS_DONE.plusSeconds(6));
        Instant now = STEPS_DONE.plusSeconds(8);
        assertThat(at(now)).isInstanceOf(Retry.class);
        interventions = new Interventions(List.of(by(InterventionKind.RETRY, null, now)));
        VerificationAsk ask = write(at(now.plusSeconds(1)));
        assertThat(ask.attempt()).isEqualTo(2);
        answer(false, now.plusSeconds(2));
        assertThat(at(now.plusSeconds(3))).isInstanceOf(Retry.class);
    }

    @Test
    void aForceEndsTheWaitWithWhoAndWhy() {
        steps = Optional.empty();
        interventions = new Interventions(List.of(by(InterventionKind.FORCE, null, ORDERED.plusSeconds(2))));
        assertThat(at(ORDERED.plusSeconds(3)))
                .asInstanceOf(type(Close.class))
                .returns(Outcome.FORCED, Close::outcome)
                .satisfies(close ->
                        assertThat(close.why()).contains("ops@example.com").contains("the disk is dead"));
    }

    @Test
    void skippingTheVerificationEndsItOnceTheStepsAreDone() {
        interventions = new Interventions(
                List.of(by(InterventionKind.SKIP, Component.VERIFICATION_JOB, ORDERED.plusSeconds(2))));
        assertThat(at(STEPS_DONE.plusSeconds(3)))
                .asInstanceOf(type(Close.class))
                .returns(Outcome.FORCED, Close::outcome);
        steps = Optional.empty();
        assertThat(at(ORDERED.plusSeconds(3))).isInstanceOf(Wait.class);
    }

    @Test
    void whatWasSkippedIsVerifiedInPartOnly() {
        spec = VpnAttachmentSpecBuilder.from(spec).withSkip(List.of(Component.VPN_DISCONNECT));
        write(at(STEPS_DONE.plusSeconds(5)));
        answer(true, STEPS_DONE.plusSeconds(6));
        assertThat(at(STEPS_DONE.plusSeconds(7)))
                .asInstanceOf(type(End.class))
                .returns(Outcome.VERIFIED_IN_PART, End::outcome);
    }
}
