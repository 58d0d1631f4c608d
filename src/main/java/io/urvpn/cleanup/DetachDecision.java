package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import java.time.Instant;
import java.util.Optional;

/** What is to be done next for one attachment that was ordered to detach. */
public sealed interface DetachDecision {

    /**
     * The wait ends although the node was not read clean.
     *
     * @param outcome NodeGone, Released or Forced
     * @param verdict the last one, where there was any
     * @param why for people
     */
    record Close(Outcome outcome, Optional<Verdict> verdict, String why) implements DetachDecision {}

    /**
     * Wait.
     *
     * @param reason one of {@link io.urvpn.api.v1alpha1.Reasons}
     * @param message the same for people
     * @param since since when it is waited for
     * @param dueAt when to look again; empty where only an event ends the wait
     */
    record Wait(String reason, String message, Instant since, Optional<Instant> dueAt) implements DetachDecision {}

    /**
     * A verification failed; wait for the time of the next.
     *
     * @param failed the verdict
     * @param exhausted the retries are used up, so that the operation is FAILED meanwhile
     * @param dueAt when the next attempt is due
     */
    record Retry(Verdict failed, boolean exhausted, Instant dueAt) implements DetachDecision {}

    /**
     * Ask the agent.
     *
     * @param ask the ask to write
     * @param failed the verdict before it, where it is a retry
     */
    record Ask(VerificationAsk ask, Optional<Verdict> failed) implements DetachDecision {}

    /**
     * The node was read and is clean.
     *
     * @param outcome Verified or VerifiedInPart
     * @param verdict to be stored before anything is let go
     */
    record End(Outcome outcome, Verdict verdict) implements DetachDecision {}
}
