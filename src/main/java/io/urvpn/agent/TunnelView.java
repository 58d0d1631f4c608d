package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.host.Link;
import io.urvpn.host.WireGuardDevices.Peer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

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
     * @param reason {@code Up} or {@code Idle} where its peer answers as far as it is expected to, else why it is not up
     * @param message for people
     * @param peers WireGuard's peers
     * @param connection what the daemon tells; {@code null} where the type has none or it told nothing
     */
    record TunnelState(String reason, String message, List<Peer> peers, ConnectionStatus connection) {
        /** Nothing is known. */
        static final TunnelState UNKNOWN = new TunnelState("", "", List.of(), null);

        /** The same for another reason. */
        TunnelState because(String otherReason, String otherMessage) {
            return new TunnelState(otherReason, otherMessage, peers, connection);
        }

        /** Nothing is known but what a daemon may have told. */
        static TunnelState told(Optional<DaemonReport> report) {
            return new TunnelState(
                    "", "", List.of(), report.map(DaemonReport::status).orElse(null));
        }

        /** Addresses of its peers, where they are known. */
        List<IpPrefix> endpoints() {
            Stream<String> told = Stream.concat(
                    peers.stream().map(Peer::endpoint),
                    Stream.ofNullable(connection)
                            .map(ConnectionStatus::endpoint)
                            .filter(Objects::nonNull));
            return told.map(TunnelState::host).flatMap(Optional::stream).toList();
        }

        /** 192.0.2.1:51820, or [2001:db8::1]:51820 */
        private static Optional<IpPrefix> host(String endpoint) {
            int port = endpoint.lastIndexOf(':');
            try {
                return port < 0
                        ? Optional.empty()
                        : Optional.of(IpPrefix.parse(endpoint.substring(0, port).replaceAll("^\\[|(%.*)?]$", "")));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        /** The tunnel carries traffic. */
        boolean up() {
            return isUp(reason);
        }

        /** True where a reason says that the tunnel carries traffic. */
        static boolean isUp(String reason) {
            return reason.equals(Reasons.UP) || reason.equals(Reasons.IDLE);
        }
    }
}
