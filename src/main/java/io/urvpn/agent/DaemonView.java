package io.urvpn.agent;

import io.urvpn.agent.TunnelView.Negotiated;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.host.Link;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** OpenVPN and IPsec: the peer gives addresses and MTU, and the daemon tells its launcher how the connection is. */
final class DaemonView implements TunnelView {
    /** A launcher hears of its daemon's bytes every 5 s; a daemon that has said nothing for so long hangs. */
    private static final Duration SILENT = Duration.ofSeconds(20);

    private final NodeContext node;
    private final String unanswered;

    private DaemonView(NodeContext node, String unanswered) {
        this.node = node;
        this.unanswered = unanswered;
    }

    /** Up is CONNECTED. */
    static DaemonView openVpn(NodeContext node) {
        return new DaemonView(node, "the peer does not answer; check its address, the certificates and the way there");
    }

    /** Up is an IKE SA with every child installed. */
    static DaemonView ipsec(NodeContext node) {
        return new DaemonView(
                node,
                "IKE and its children are not established; check the peer's address, proposals, identities and secrets,"
                        + " and the way there");
    }

    /** Without a word of the daemon the interface stays as it is. */
    @Override
    public Negotiated negotiated(JournalEntry entry, Link link) {
        Optional<DaemonReport> report = DaemonReport.of(node, entry);
        List<String> given = report.map(DaemonReport::addresses).orElse(List.of());
        return new Negotiated(
                (given.isEmpty() ? entry.addresses() : given)
                        .stream().map(IpPrefix::parse).toList(),
                report.map(DaemonReport::mtu).orElse(link.mtu()));
    }

    @Override
    public TunnelState state(JournalEntry entry) {
        return DaemonReport.of(node, entry)
                .map(this::state)
                .orElseGet(() -> new TunnelState(
                        Reasons.WAITING_FOR_HANDSHAKE,
                        "the daemon has told nothing of its connection yet",
                        List.of(),
                        null));
    }

    private TunnelState state(DaemonReport report) {
        Instant silentFrom = report.at().plus(SILENT);
        if (report.up() && node.clock().instant().isAfter(silentFrom)) {
            return new TunnelState(
                    Reasons.WAITING_FOR_HANDSHAKE,
                    "the daemon has not said anything since " + report.at(),
                    List.of(),
                    report.status());
        }
        return new TunnelState(
                report.up() ? Reasons.UP : Reasons.WAITING_FOR_HANDSHAKE,
                report.up() ? "the tunnel is up" : unanswered(report),
                List.of(),
                report.status());
    }

    /** Says nothing of the states that the daemon goes through while it tries: each would be a write to the API. */
    private String unanswered(DaemonReport report) {
        return unanswered + report.because();
    }
}
