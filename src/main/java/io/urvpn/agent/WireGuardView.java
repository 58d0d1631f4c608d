package io.urvpn.agent;

import io.urvpn.agent.PeerHealth.Health;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.host.Link;
import io.urvpn.host.WireGuardDevices.Peer;
import io.urvpn.tunnel.TunnelType;
import java.util.List;
import java.util.Optional;

/** WireGuard: the configuration decides on everything, and the device tells of its peers. */
final class WireGuardView implements TunnelView {
    private final NodeContext node;
    private final PeerHealth health = new PeerHealth();

    WireGuardView(NodeContext node) {
        this.node = node;
    }

    @Override
    public Negotiated negotiated(JournalEntry entry, Link link) {
        return new Negotiated(List.of(), TunnelType.WIREGUARD.defaultMtu());
    }

    @Override
    public TunnelState state(JournalEntry entry) {
        InstancePaths paths = InstancePaths.of(node.settings(), entry.instance().uid());
        Optional<List<Peer>> peers = node.host().wireGuard().peers(paths.sockets(), entry.interfaceName());
        Health found = peers.isEmpty() || peers.get().isEmpty()
                ? Health.UNANSWERED
                : health.of(peers.get(), node.clock().instant());
        Optional<DaemonReport> told = DaemonReport.of(node, entry);
        ConnectionStatus connection = told.map(DaemonReport::status).orElse(null);
        return switch (found) {
            case ANSWERED -> new TunnelState(Reasons.UP, "the tunnel is up", peers.get(), connection);
            case IDLE ->
                new TunnelState(
                        Reasons.IDLE,
                        "the tunnel is up; nothing is sent, so no hands are shaken",
                        peers.get(),
                        connection);
            case UNANSWERED ->
                new TunnelState(
                        Reasons.WAITING_FOR_HANDSHAKE,
                        unanswered(peers) + told.map(DaemonReport::because).orElse(""),
                        peers.orElse(List.of()),
                        connection);
        };
    }

    private static String unanswered(Optional<List<Peer>> peers) {
        if (peers.isEmpty()) {
            return "the WireGuard device does not answer yet";
        }
        return peers.get().isEmpty()
                ? "the WireGuard device has no peer yet"
                : "no peer has shaken hands in the last " + PeerHealth.SESSION.toSeconds()
                        + " s; check endpoint, keys and the way there";
    }
}
