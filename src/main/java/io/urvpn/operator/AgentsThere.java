package io.urvpn.operator;

import io.urvpn.api.messages.InitialResponse.Agents;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether agents are at work, by what they wrote of themselves. */
final class AgentsThere {
    private AgentsThere() {}

    /** Those of the nodes that a cleanup covers. */
    static Agents of(VpnCleanup cleanup, ClusterCache cache, Instant now) {
        return of(
                cleanup.getSpec().nodes().stream()
                        .map(CoveredNode::node)
                        .map(cache::agent)
                        .toList(),
                now);
    }

    /** What these agents say; an agent of which nothing is known is away. */
    static Agents of(List<Optional<VpnNodeStatus>> agents, Instant now) {
        return Agents.of(
                agents.size(),
                agents.stream().filter(agent -> isThere(agent, now)).count());
    }

    /** One that has not swept yet has just registered. */
    static boolean isThere(Optional<VpnNodeStatus> agent, Instant now) {
        return agent.filter(status -> status.agentStartedAt() != null)
                .filter(status -> status.sweep() == null || status.sweep().heardOf(now))
                .isPresent();
    }
}
