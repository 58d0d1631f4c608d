package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What people did to an operation, as far as it concerns one node.
 *
 * @param applying in the order in which they were recorded
 */
public record Interventions(List<Intervention> applying) {
    /** Nobody did anything. */
    public static final Interventions NONE = new Interventions(List.of());

    private static final Pattern TARGET = Pattern.compile("(\\*|[A-Z_]+)@(\\S+)(?:\\s+(.*))?", Pattern.DOTALL);
    private static final int REASON = 512;

    /**
     * Parses the value of an annotation, {@code <user name>: [<COMPONENT>@<node or *> ]<reason>}. That the name is the
     * caller's was checked at admission.
     *
     * @return empty where the value has not that form
     */
    public static Optional<Intervention> parse(InterventionKind kind, String value, Instant at) {
        int colon = value.indexOf(": ");
        if (colon <= 0) {
            return Optional.empty();
        }
        String actor = value.substring(0, colon);
        String rest = value.substring(colon + 2).strip();
        Matcher target = TARGET.matcher(rest);
        if (!target.matches()) {
            return intervention(kind, actor, at, rest, null, null);
        }
        Optional<Component> component = Arrays.stream(Component.values())
                .filter(known -> known.name().equals(target.group(1)))
                .findFirst();
        if (component.isEmpty() && !"*".equals(target.group(1))) {
            return Optional.empty();
        }
        String node = "*".equals(target.group(2)) ? null : target.group(2);
        return intervention(
                kind, actor, at, Objects.requireNonNullElse(target.group(3), "").strip(), component.orElse(null), node);
    }

    private static Optional<Intervention> intervention(
            InterventionKind kind, String actor, Instant at, String reason, Component component, String node) {
        boolean wants = kind == InterventionKind.SKIP && component == null;
        if (reason.isEmpty() || wants || actor.length() > 253) {
            return Optional.empty();
        }
        String cut = reason.length() <= REASON ? reason : reason.substring(0, REASON);
        return Optional.of(new Intervention(kind, actor, at, cut, component, node));
    }

    /** Those of an operation that concern one node. */
    public static Interventions on(List<Intervention> recorded, String node) {
        return recorded == null || recorded.isEmpty()
                ? NONE
                : new Interventions(recorded.stream()
                        .filter(one -> one.kind() != null && one.at() != null)
                        .filter(one -> one.node() == null || one.node().equals(node))
                        .toList());
    }

    /** Components that are skipped on this node, in their order. */
    public List<Component> skipped() {
        return applying.stream()
                .filter(one -> one.kind() == InterventionKind.SKIP)
                .map(Intervention::component)
                .filter(component -> component != null)
                .distinct()
                .sorted()
                .toList();
    }

    /** The last of this kind. */
    public Optional<Intervention> last(InterventionKind kind) {
        return applying.stream().filter(one -> one.kind() == kind).reduce((first, second) -> second);
    }

    /** True where somebody asked after that moment for the next verification to be now. */
    boolean hurried(Instant after) {
        return applying.stream()
                .filter(one -> one.kind() == InterventionKind.RETRY || one.kind() == InterventionKind.SKIP)
                .anyMatch(one -> one.at().isAfter(after));
    }
}
