package io.urvpn.agent;

import io.urvpn.api.v1alpha1.Reasons;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps a refused apply from being tried again at once: its own changes are notified by the kernel and would start the
 * next pass. A new generation is tried at once. That the node was cut off is kept in the journal, over a restart too.
 */
final class RetryHold {
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** Why nothing is applied now. */
    record Held(String reason, String message) {}

    private final AgentSettings.Timing timing;
    private Held last;
    private long generation;
    private Instant until = Instant.MIN;
    private Duration backoff;

    RetryHold(AgentSettings.Timing timing) {
        this.timing = timing;
        this.backoff = timing.failureBackoff();
    }

    /** What holds an apply of that generation. */
    Optional<Held> at(JournalEntry entry, long wanted, Instant now) {
        JournalEntry.Cut cut = entry.cut();
        if (cut != null && cut.generation() == wanted && now.isBefore(cut.at().plus(timing.cutBackoff()))) {
            String message = last != null && last.reason().equals(Reasons.APPLY_CUT_NODE)
                    ? last.message()
                    : "applied at " + cut.at() + ", it cut the node off from the API server and was taken back";
            return Optional.of(new Held(Reasons.APPLY_CUT_NODE, message));
        }
        return last != null && generation == wanted && now.isBefore(until) ? Optional.of(last) : Optional.empty();
    }

    /** An apply of that generation was refused. */
    JournalEntry refused(
            Registry registry, JournalEntry entry, long wanted, String reason, String message, Instant now) {
        last = new Held(reason, message);
        generation = wanted;
        until = now.plus(backoff);
        backoff = backoff.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : backoff.multipliedBy(2);
        return reason.equals(Reasons.APPLY_CUT_NODE)
                ? registry.save(JournalEntryBuilder.builder(entry)
                        .cut(new JournalEntry.Cut(wanted, now))
                        .build())
                : entry;
    }

    /** There is another interface: what was refused on the one before says nothing of it, but what cut the node off does. */
    void relinked() {
        until = Instant.MIN;
    }

    /** An apply went well. */
    void clear() {
        last = null;
        backoff = timing.failureBackoff();
    }
}
