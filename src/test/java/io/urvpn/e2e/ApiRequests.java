package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API server counts of its requests. */
final class ApiRequests {
    private static final Pattern COUNTED = Pattern.compile("apiserver_request_total\\{(.*)} (\\S+)");
    private static final Pattern LABEL = Pattern.compile("\\b(verb|resource)=\"([^\"]*)\"");
    private static final Set<String> WRITES = Set.of("POST", "PUT", "PATCH", "APPLY", "DELETE");
    /** What a cluster writes without any instance, and questions that are asked by POST. */
    private static final Set<String> OF_THE_CLUSTER = Set.of(
            "leases",
            "nodes",
            "serviceaccounts",
            "tokenreviews",
            "subjectaccessreviews",
            "selfsubjectaccessreviews",
            "selfsubjectreviews");

    private ApiRequests() {}

    /** Writes since the API server was started by resource, whosever and whatever their answer, but those of every cluster. */
    static Map<String, Double> writes() {
        Map<String, Double> writes = new TreeMap<>();
        CLUSTER.kubectl("get", "--raw", "/metrics")
                .lines()
                .map(COUNTED::matcher)
                .filter(Matcher::matches)
                .forEach(line -> writeOf(line.group(1))
                        .ifPresent(resource -> writes.merge(resource, Double.parseDouble(line.group(2)), Double::sum)));
        return writes;
    }

    /** Writes between two counts, those that there were. */
    static Map<String, Double> between(Map<String, Double> before, Map<String, Double> after) {
        Map<String, Double> added = new TreeMap<>(after);
        before.forEach((resource, count) -> added.merge(resource, -count, Double::sum));
        added.values().removeIf(count -> count == 0);
        return added;
    }

    private static Optional<String> writeOf(String labels) {
        Map<String, String> values = new HashMap<>();
        Matcher label = LABEL.matcher(labels);
        while (label.find()) {
            values.put(label.group(1), label.group(2));
        }
        boolean write = WRITES.contains(values.getOrDefault("verb", ""))
                && !OF_THE_CLUSTER.contains(values.getOrDefault("resource", ""));
        return write ? Optional.of(values.getOrDefault("resource", "")) : Optional.empty();
    }
}
