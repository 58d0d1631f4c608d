package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API server counts of its requests. */
final class ApiRequests {
    private static final Pattern COUNTED = Pattern.compile("apiserver_request_total\\{(.*)} (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(verb|resource)=\"([^\"]*)\"");
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

    /** Writes since the API server was started, whosever and whatever their answer, but those of every cluster. */
    static double writes() {
        return CLUSTER.kubectl("get", "--raw", "/metrics")
                .lines()
                .map(COUNTED::matcher)
                .filter(Matcher::matches)
                .filter(line -> isWrite(line.group(1)))
                .mapToDouble(line -> Double.parseDouble(line.group(2)))
                .sum();
    }

    private static boolean isWrite(String labels) {
        String verb = "";
        String resource = "";
        Matcher label = LABEL.matcher(labels);
        while (label.find()) {
            if (label.group(1).equals("verb")) {
                verb = label.group(2);
            } else {
                resource = label.group(2);
            }
        }
        return WRITES.contains(verb) && !OF_THE_CLUSTER.contains(resource);
    }
}
