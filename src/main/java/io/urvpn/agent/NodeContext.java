package io.urvpn.agent;

import io.urvpn.host.Host;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What everything that acts on this node shares.
 *
 * @param host the node
 * @param registry its registry and journal
 * @param registration gives out names and tables, one at a time
 * @param settings what the agent was told
 * @param identity who answers for this node
 * @param reach the way to the API server
 * @param reports where statuses go
 * @param plans answers to dry runs
 * @param clock the time
 */
public record NodeContext(
        Host host,
        Registry registry,
        Registration registration,
        AgentSettings settings,
        NodeIdentity identity,
        ApiReach reach,
        StatusReports reports,
        PlanAnswers plans,
        Clock clock) {

    /** With no dry run answered yet. */
    public NodeContext(
            Host host,
            Registry registry,
            Registration registration,
            AgentSettings settings,
            NodeIdentity identity,
            ApiReach reach,
            StatusReports reports,
            Clock clock) {
        this(host, registry, registration, settings, identity, reach, reports, new PlanAnswers(), clock);
    }

    /** The time, in whole milliseconds: what a status shows. */
    public Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** How the state of an attachment is told. */
    public AttachmentReport report() {
        return new AttachmentReport(identity, reports, plans, clock);
    }
}
