package io.urvpn.cli;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tunnel of an instance on one node, as {@code kubectl vpn status -o json} prints it.
 *
 * @param node name of the node
 * @param phase reason of its condition Ready; or WaitingForAgent where its agent has said nothing yet, NodeSilent or
 *     AgentSilent where what it said last may not be so any more
 * @param ready it carries traffic
 * @param since when the peer began to answer without a break; where it does not, when the tunnel ceased to be ready
 * @param lastHandshakeAt the last handshake or rekey
 * @param endpoint address and port of the peer
 * @param receivedBytes as the agent told last, which is at most every 5 minutes
 * @param sentBytes the same
 * @param addresses of the interface: those that the operator gave, and those that the peer gave
 * @param message what the phase means and what to do; not where the tunnel is up
 * @param lastError the daemon's last error in its own words
 * @param lastErrorAt when that was
 */
record TunnelStatus(
        String node,
        String phase,
        boolean ready,
        Instant since,
        Instant lastHandshakeAt,
        String endpoint,
        Long receivedBytes,
        Long sentBytes,
        List<String> addresses,
        String message,
        String lastError,
        Instant lastErrorAt) {

    /**
     * As its agent said last.
     *
     * @param silence what the operator says of a node of which nothing new is heard
     */
    static TunnelStatus of(VpnAttachment attachment, Optional<NotReadyNode> silence) {
        Optional<VpnAttachmentStatus> status = Optional.ofNullable(attachment.getStatus());
        Optional<Condition> ready = status.map(VpnAttachmentStatus::conditions).stream()
                .flatMap(List::stream)
                .filter(condition -> Reasons.READY.equals(condition.getType()))
                .findFirst();
        Optional<ConnectionStatus> connection = status.map(VpnAttachmentStatus::connection);
        boolean detached = attachment.getSpec().desired() == DesiredState.DETACHED;
        boolean up = !detached
                && silence.isEmpty()
                && ready.filter(one -> "True".equals(one.getStatus())).isPresent();
        return new TunnelStatus(
                attachment.getSpec().nodeName(),
                silence.map(NotReadyNode::reason).orElseGet(() -> phase(ready, detached)),
                up,
                connection
                        .map(ConnectionStatus::connectedSince)
                        .filter(since -> up)
                        .or(() -> ready.map(Condition::getLastTransitionTime).map(Instant::parse))
                        .orElse(null),
                connection.map(ConnectionStatus::lastHandshakeAt).orElse(null),
                connection.map(ConnectionStatus::endpoint).orElse(null),
                connection.map(ConnectionStatus::receivedBytes).orElse(null),
                connection.map(ConnectionStatus::sentBytes).orElse(null),
                addresses(attachment),
                up
                        ? null
                        : silence.map(NotReadyNode::message)
                                .or(() -> ready.map(Condition::getMessage))
                                .orElse(null),
                connection.map(ConnectionStatus::lastError).orElse(null),
                connection.map(ConnectionStatus::lastErrorAt).orElse(null));
    }

    /** An order that the agent has not read yet is the newer truth. */
    private static String phase(Optional<Condition> ready, boolean detached) {
        String told = ready.map(Condition::getReason).orElse(Reasons.WAITING_FOR_AGENT);
        boolean stillUp = ready.filter(one -> "True".equals(one.getStatus())).isPresent();
        return detached && stillUp ? Reasons.DETACHING : told;
    }

    private static List<String> addresses(VpnAttachment attachment) {
        Optional<VpnAttachmentStatus> status = Optional.ofNullable(attachment.getStatus());
        return Stream.of(
                        Optional.ofNullable(attachment.getSpec().addresses()),
                        status.map(VpnAttachmentStatus::addresses),
                        status.map(VpnAttachmentStatus::connection).map(ConnectionStatus::addresses))
                .flatMap(Optional::stream)
                .flatMap(List::stream)
                .distinct()
                .toList();
    }
}
