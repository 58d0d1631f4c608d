package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Conditions of one object; the transition time changes with the status only. */
public final class Conditions {
    private static final int MESSAGE_LENGTH = 1024;

    private final List<Condition> previous;
    private final long generation;
    private final Instant now;
    private final List<Condition> conditions = new ArrayList<>();

    /**
     * @param previous the conditions as they are stored; may be {@code null}
     * @param generation the generation that is spoken of
     */
    public Conditions(List<Condition> previous, long generation, Instant now) {
        this.previous = previous == null ? List.of() : previous;
        this.generation = generation;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Adds a condition. */
    public Conditions set(String type, boolean status, String reason, String message) {
        String text = status ? "True" : "False";
        String since = of(previous, type)
                .filter(before -> Objects.equals(before.getStatus(), text))
                .map(Condition::getLastTransitionTime)
                .orElse(now.toString());
        conditions.add(new ConditionBuilder()
                .withType(type)
                .withStatus(text)
                .withReason(reason)
                .withMessage(cut(message, MESSAGE_LENGTH))
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build());
        return this;
    }

    /** Adds the condition of this type as it was, where there was one. */
    public Conditions keep(String type) {
        of(previous, type).ifPresent(conditions::add);
        return this;
    }

    /** What was set, in that order. */
    public List<Condition> list() {
        return List.copyOf(conditions);
    }

    /** The condition of this type. */
    public static Optional<Condition> of(List<Condition> conditions, String type) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream()
                        .filter(condition -> type.equals(condition.getType()))
                        .findFirst();
    }

    /** True where the condition of this type has the status True. */
    public static boolean isTrue(List<Condition> conditions, String type) {
        return of(conditions, type)
                .filter(condition -> "True".equals(condition.getStatus()))
                .isPresent();
    }

    /** The text, cut to that many characters; {@code null} becomes the empty text. */
    public static String cut(String text, int length) {
        String whole = text == null ? "" : text;
        return whole.length() <= length ? whole : whole.substring(0, length - 1) + "…";
    }
}
