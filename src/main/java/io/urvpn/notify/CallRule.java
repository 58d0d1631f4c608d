package io.urvpn.notify;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which instances a call may be about.
 *
 * @param instances names of VpnInstances; {@code *} for each
 * @param labels an instance that has all of these is allowed too; none where it is empty
 */
public record CallRule(Set<String> instances, Map<String, String> labels) {
    private static final String EACH = "*";

    /** No instance. */
    public static final CallRule NONE = new CallRule(Set.of(), Map.of());

    /**
     * As it is configured.
     *
     * @param selector {@code key=value}, several of them joined by commas
     * @throws IllegalArgumentException naming the key, the selector and what would be right
     */
    public static CallRule of(String key, List<String> instances, String selector) {
        Map<String, String> labels = new java.util.TreeMap<>();
        for (String one : selector.isBlank() ? new String[0] : selector.split(",", -1)) {
            String[] parts = one.strip().split("=", -1);
            if (parts.length != 2 || parts[0].isBlank()) {
                throw new IllegalArgumentException(
                        key + " is '" + selector + "'; it must be key=value, several of them joined by commas");
            }
            labels.put(parts[0].strip(), parts[1].strip());
        }
        return new CallRule(Set.copyOf(instances), Map.copyOf(labels));
    }

    /** True where at least one instance can be allowed. */
    public boolean any() {
        return !instances.isEmpty() || !labels.isEmpty();
    }

    /** True where an instance of this name is allowed, whatever its labels. */
    public boolean names(String name) {
        return instances.contains(EACH) || instances.contains(name);
    }

    /** True where the instance is allowed by its name or by its labels. */
    public boolean allows(String name, Map<String, String> has) {
        return names(name)
                || !labels.isEmpty()
                        && has != null
                        && labels.entrySet().stream()
                                .allMatch(one -> one.getValue().equals(has.get(one.getKey())));
    }
}
