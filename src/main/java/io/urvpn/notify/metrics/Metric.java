package io.urvpn.notify.metrics;

import java.util.List;

/**
 * Each metric of ours, as {@code docs/metrics.md} lists it. Names and labels are part of the API: dashboards and alerts of
 * others use them.
 */
public enum Metric {
    LEADER(
            Teller.OPERATOR,
            Type.GAUGE,
            "urvpn_operator_leader",
            "1 where this operator holds the Lease and acts, 0 where it stands by"),
    INSTANCES(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_instances",
            "VpnInstances; state is Ready, NotReady, Suspended or Deleting",
            "type",
            "state"),
    INSTANCE_ATTACHMENTS(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_instance_attachments",
            "Nodes on which the instance is to be up; ready is true where its agent says that the tunnel carries traffic",
            "vpn_instance",
            "type",
            "ready"),
    OPERATIONS(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_operations",
            "VpnCleanups that exist; phase is that of their status",
            "operation",
            "phase"),
    OPERATIONS_OLDEST(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_operations_oldest_start_timestamp_seconds",
            "When the oldest of the operations of this phase began (Unix time); none for COMPLETED",
            "operation",
            "phase"),
    PENDING_NODES(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_pending_nodes",
            "Nodes that an operation waits for, by the reason of docs/troubleshooting.md",
            "reason"),
    DEBTS(Teller.LEADER, Type.GAUGE, "urvpn_debts", "Nodes whose instance was let go before they were verified"),
    DEBTS_OLDEST(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_debts_oldest_timestamp_seconds",
            "Since when the oldest debt is open (Unix time); missing where there is none"),
    MESSAGES(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_messages_undelivered",
            "Messages over MQTT that are owed: the broker has not acknowledged them"),
    MESSAGES_OLDEST(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_messages_undelivered_oldest_timestamp_seconds",
            "Since when the oldest of them is owed (Unix time); missing where there is none"),
    NODE_SWEEP_DUE(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_node_sweep_due_timestamp_seconds",
            "When the next sweep of the node is due by what its agent reported last (Unix time); agents report at least every 5 minutes, or with each sweep where those are rarer",
            "node"),
    NODE_SWEEP_INCOMPLETE(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_node_sweep_incomplete",
            "1 where the last sweep could not read the node whole",
            "node"),
    NODE_ORPHANS(
            Teller.LEADER,
            Type.GAUGE,
            "urvpn_node_orphans",
            "Marked state on the node that no attachment explains, as its agent reported last",
            "node"),
    OPERATION_DURATION(
            Teller.LEADER,
            Type.HISTOGRAM,
            "urvpn_operation_duration_seconds",
            "Operations that ended, from beginning to end; result is Verified, NotRead (a node is gone or was forced) or DebtOpen (the object was let go; it is told again once the debt is paid)",
            "operation",
            "result"),
    OPERATION_FAILURES(
            Teller.LEADER,
            Type.COUNTER,
            "urvpn_operation_failures_total",
            "Operations that became FAILED: a node failed its last verification. They go on, and may end well",
            "operation"),
    STEP_DURATION(
            Teller.LEADER,
            Type.HISTOGRAM,
            "urvpn_step_duration_seconds",
            "Runs of the steps of a detach on a node; result is COMPLETED, FAILED or SKIPPED",
            "component",
            "result"),
    VERIFICATIONS(
            Teller.LEADER,
            Type.COUNTER,
            "urvpn_verifications_total",
            "Answered verifications of a node; result is Clean or an error code of docs/troubleshooting.md, attempt is first or retry",
            "result",
            "attempt"),
    API_REQUESTS(
            Teller.BOTH,
            Type.COUNTER,
            "urvpn_api_requests_total",
            "Requests to the API server; verb as the API server has it, code the HTTP status or none where there was no answer",
            "verb",
            "resource",
            "code"),
    TUNNEL_UP(
            Teller.AGENT,
            Type.GAUGE,
            "urvpn_tunnel_up",
            "1 where the tunnel carries traffic (Ready of its attachment), for each instance that is to be up on the node",
            "vpn_instance",
            "type"),
    TUNNEL_HANDSHAKE(
            Teller.AGENT,
            Type.GAUGE,
            "urvpn_tunnel_last_handshake_timestamp_seconds",
            "When a peer last shook hands or rekeyed (Unix time); missing before the first time",
            "vpn_instance",
            "type"),
    TUNNEL_RECEIVED(
            Teller.AGENT,
            Type.COUNTER,
            "urvpn_tunnel_received_bytes_total",
            "Bytes received through the tunnel, as its daemon counts; 0 again when that starts anew",
            "vpn_instance",
            "type"),
    TUNNEL_SENT(
            Teller.AGENT,
            Type.COUNTER,
            "urvpn_tunnel_sent_bytes_total",
            "Bytes sent through the tunnel, as its daemon counts; 0 again when that starts anew",
            "vpn_instance",
            "type"),
    TUNNEL_REPAIRS(
            Teller.AGENT,
            Type.COUNTER,
            "urvpn_tunnel_repairs_total",
            "What the agent put right because somebody else had changed it, since the attachment began",
            "vpn_instance",
            "type"),
    SWEEP_DURATION(
            Teller.AGENT,
            Type.SUMMARY,
            "urvpn_sweep_duration_seconds",
            "Runs of the sweep; result is Complete, Incomplete (something could not be read) or Failed",
            "result"),
    SWEEP_LAST_RUN(
            Teller.AGENT,
            Type.GAUGE,
            "urvpn_sweep_last_run_timestamp_seconds",
            "When the last sweep ended (Unix time); missing before the first"),
    SWEEP_INTERVAL(Teller.AGENT, Type.GAUGE, "urvpn_sweep_interval_seconds", "From one sweep to the next"),
    SWEEP_ORPHANS(
            Teller.AGENT,
            Type.GAUGE,
            "urvpn_sweep_orphans",
            "Marked state on the node that no attachment explains, seen by two sweeps"),
    SWEEP_ORPHANS_GONE(
            Teller.AGENT, Type.COUNTER, "urvpn_sweep_orphans_gone_total", "Orphans that went since the agent started");

    /** Who tells it. */
    public enum Teller {
        /** Each operator. */
        OPERATOR,
        /** The operator that acts alone, so that a sum over the replicas doubles nothing. */
        LEADER,
        /** Each agent, of its node. */
        AGENT,
        /** Each operator and each agent. */
        BOTH
    }

    /** As Prometheus has them. */
    public enum Type {
        COUNTER,
        GAUGE,
        /** Has the series {@code _bucket}, {@code _count}, {@code _sum} and {@code _max}. */
        HISTOGRAM,
        /** Has the series {@code _count}, {@code _sum} and {@code _max}. */
        SUMMARY
    }

    private final Teller teller;
    private final Type type;
    private final String text;
    private final String meaning;
    private final List<String> labels;

    Metric(Teller teller, Type type, String text, String meaning, String... labels) {
        this.teller = teller;
        this.type = type;
        this.text = text;
        this.meaning = meaning;
        this.labels = List.of(labels);
    }

    /** Who tells it. */
    public Teller teller() {
        return teller;
    }

    /** Its type. */
    public Type type() {
        return type;
    }

    /** Its name with its unit, as it is queried; the series of a histogram or summary have an ending more. */
    public String text() {
        return text;
    }

    /** One sentence, for people. */
    public String meaning() {
        return meaning;
    }

    /** Names of its labels, in the order in which their values are given. */
    public List<String> labels() {
        return labels;
    }
}
