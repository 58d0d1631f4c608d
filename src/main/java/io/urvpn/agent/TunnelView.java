package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.host.Link;
import io.urvpn.host.WireGuardDevices.Peer;
import java.util.List;

/** What is known of a tunnel beyond its interface: what its peer gave, and whether it answers. One for each type of VPN. */
public interface TunnelView {
    /** What the attachment's spec leaves open. */
    Negotiated negotiated(JournalEntry entry, Link link);

    /** How the tunnel is at this moment. */
    TunnelState state(JournalEntry entry);

    /**
     * What holds where the attachment's spec says nothing.
     *
     * @param addresses of the interface
     * @param mtu of the interface in bytes
     */
    record Negotiated(List<IpPrefix> addresses, int mtu) {}

    /**
     * How a tunnel is.
     *
     * @param up its peer answers, as far as it is expected to
     * @param message for people
     * @param peers WireGuard's peers
     * @param connection what the daemon tells; {@code null} where the type has none or it told nothing
     */
    record TunnelState(boolean up, String message, List<Peer> peers, ConnectionStatus connection) {
        /** Nothing is known. */
        static final TunnelState UNKNOWN = new TunnelState(false, "", List.of(), null);
    }
}
