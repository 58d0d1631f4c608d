package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.operator.Identities.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Nodes of which nothing new is heard: what stands in their attachments was so once, and is not known any more. A silent
 * kubelet counts at once, since the cluster has waited for it already; a silent agent after a minute in which this operator
 * did not hear of it, so that after an outage of the API server each has had the time to write.
 */
final class SilentNodes {
    private static final Duration GRACE = Duration.ofMinutes(1);

    private final ClusterCache cache;
    private final Clock clock;
    private final Map<String, Instant> unheardSince = new ConcurrentHashMap<>();
    /** The reason at the last look. */
    private final Map<String, String> seen = new ConcurrentHashMap<>();
    /** Those of which a pass over an instance was told, at a look or between two. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    SilentNodes(ClusterCache cache, Clock clock) {
        this.cache = cache;
        this.clock = clock;
    }

    /** Those of these nodes, with what is to be said of each. */
    Map<String, Problem> among(Collection<String> nodes) {
        Map<String, Problem> silent = new HashMap<>();
        nodes.forEach(node -> of(node).ifPresent(problem -> silent.put(node, problem)));
        told.addAll(silent.keySet());
        return silent;
    }

    /** Looks at a node again; true where passes are to be told that it has fallen silent, or is heard of again. */
    boolean changed(String node) {
        Stream.of(seen.keySet(), told, unheardSince.keySet())
                .forEach(nodes -> nodes.removeIf(one -> cache.agent(one).isEmpty()));
        String reason = of(node).map(Problem::reason).orElse(null);
        String before = reason == null ? seen.remove(node) : seen.put(node, reason);
        boolean over = reason == null && told.remove(node);
        return over || !Objects.equals(before, reason);
    }

    private Optional<Problem> of(String node) {
        Optional<VpnNodeStatus.Sweep> sweep = cache.agent(node).map(VpnNodeStatus::sweep);
        Optional<Instant> heard = sweep.map(VpnNodeStatus.Sweep::lastRunAt);
        Optional<Instant> kubelet = cache.node(node).flatMap(NodePresence::kubeletSilentSince);
        if (kubelet.isPresent() && heard.filter(kubelet.get()::isBefore).isEmpty()) {
            return Optional.of(new Problem(
                    Reasons.NODE_SILENT,
                    "the kubelet is silent since " + kubelet.get()
                            + ", and the agent has written nothing since then: what"
                            + " the node has now is not known"));
        }
        Instant now = clock.instant();
        if (heard.isEmpty() || sweep.get().heardOf(now)) {
            unheardSince.remove(node);
            return Optional.empty();
        }
        Instant since = unheardSince.computeIfAbsent(node, unheard -> now);
        return now.isBefore(since.plus(GRACE))
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reasons.AGENT_SILENT,
                        "the agent has written nothing since " + heard.get()
                                + ", by the clock of its node: what the node has now is not known"));
    }
}
