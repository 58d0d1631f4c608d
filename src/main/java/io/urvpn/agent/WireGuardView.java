package io.urvpn.agent;

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
        boolean answered = peers.isPresent()
                && !peers.get().isEmpty()
                && health.answered(peers.get(), node.clock().instant());
        return new TunnelState(
                answered, answered ? "the tunnel is up" : unanswered(peers), peers.orElse(List.of()), null);
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
