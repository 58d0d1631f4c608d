package io.urvpn.agent;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.urvpn.agent.TunnelView.TunnelState;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.LinkStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PeerStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusConnectionStatusBuilder;
import io.urvpn.host.Link;
import io.urvpn.host.WireGuardDevices.Peer;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The one place where the status of an attachment is made. */
public final class AttachmentReport {
    private static final int MOST_PODS = 32;
    private static final int MOST_PEERS = 32;
    private static final int MESSAGE = 1024;

    /** What ends by itself; every other reason but Up and Idle needs a person. */
    private static final Set<String> UNDER_WAY = Set.of(
            Reasons.WAITING_FOR_POD,
            Reasons.WAITING_FOR_INTERFACE,
            Reasons.WAITING_FOR_HANDSHAKE,
            Reasons.PROBE_FAILED,
            Reasons.DETACHING);

    private final NodeIdentity identity;
    private final StatusReports reports;
    private final PlanAnswers plans;
    private final Clock clock;

    AttachmentReport(NodeIdentity identity, StatusReports reports, PlanAnswers plans, Clock clock) {
        this.plans = plans;
        this.identity = identity;
        this.reports = reports;
        this.clock = clock;
    }

    /** Nothing is done here yet, or no more: only the reason is told; what was said before stays. */
    public void reason(VpnAttachment attachment, String reason, String message) {
        VpnAttachmentStatus before = before(attachment);
        report(
                attachment,
                (before == null ? VpnAttachmentStatusBuilder.builder() : VpnAttachmentStatusBuilder.builder(before)),
                reason,
                message);
    }

    /** How an attachment is that has its entry. */
    public void state(
            VpnAttachment attachment,
            JournalEntry entry,
            Optional<Link> link,
            TunnelState state,
            String reason,
            String message) {
        report(
                attachment,
                VpnAttachmentStatusBuilder.builder()
                        .table(entry.table())
                        .permittedPodUid(entry.permittedPodUid())
                        .podUids(last(entry.podUids()))
                        .link(link.map(AttachmentReport::link).orElse(null))
                        .peers(
                                state.peers().isEmpty()
                                        ? null
                                        : state.peers().stream()
                                                .limit(MOST_PEERS)
                                                .map(AttachmentReport::peer)
                                                .toList())
                        .connection(
                                state.peers().isEmpty()
                                        ? state.connection()
                                        : connection(attachment, state, TunnelState.isUp(reason)))
                        .publicKey(entry.publicKey())
                        .addresses(addresses(attachment.getSpec()))
                        .repairs(entry.repairs())
                        .detach(entry.detach())
                        .verdict(entry.verdict()),
                reason,
                message);
    }

    private void report(VpnAttachment attachment, VpnAttachmentStatusBuilder status, String reason, String message) {
        Optional<VpnAttachmentStatus> told = Optional.ofNullable(before(attachment));
        List<Condition> before = told.map(VpnAttachmentStatus::conditions).orElse(List.of());
        long generation = attachment.getMetadata().getGeneration();
        boolean up = TunnelState.isUp(reason);
        boolean underWay = UNDER_WAY.contains(reason);
        reports.report(
                attachment,
                status.plan(plans.to(attachment).orElse(null))
                        .observedGeneration(generation)
                        .machineKey(identity.machineKey())
                        .bootId(identity.bootId())
                        .conditions(List.of(
                                condition(before, generation, Reasons.READY, up, reason, message),
                                condition(
                                        before,
                                        generation,
                                        Reasons.RECONCILING,
                                        underWay,
                                        underWay ? reason : Reasons.SETTLED,
                                        underWay ? message : ""),
                                condition(
                                        before,
                                        generation,
                                        Reasons.STALLED,
                                        !up && !underWay,
                                        !up && !underWay ? reason : Reasons.SETTLED,
                                        !up && !underWay ? message : "")))
                        .build());
    }

    /** True where the API knows the attachment as Ready. */
    boolean isReady(VpnAttachment attachment) {
        return Optional.ofNullable(before(attachment)).map(VpnAttachmentStatus::conditions).orElse(List.of()).stream()
                .anyMatch(
                        condition -> Reasons.READY.equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private VpnAttachmentStatus before(VpnAttachment attachment) {
        return reports.written(attachment).orElse(attachment.getStatus());
    }

    private Condition condition(
            List<Condition> before, long generation, String type, boolean is, String reason, String message) {
        String status = is ? "True" : "False";
        String since = before.stream()
                .filter(old -> type.equals(old.getType()) && status.equals(old.getStatus()))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(Words.cut(message, MESSAGE))
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .build();
    }

    /** Those that the operator gave: what the peer is to let through for this node. */
    private static List<String> addresses(VpnAttachmentSpec spec) {
        boolean given = spec.desired() == DesiredState.ATTACHED && spec.addresses() != null;
        return given ? spec.addresses() : null;
    }

    private static List<String> last(List<String> podUids) {
        return podUids.subList(Math.max(0, podUids.size() - MOST_PODS), podUids.size());
    }

    private static LinkStatus link(Link link) {
        return new LinkStatus(link.name(), link.index(), Words.cut(link.kind(), 16), link.up(), link.mtu());
    }

    /** WireGuard knows peers and no connection: this is what its peers make up, with the last error that its launcher told. */
    private ConnectionStatus connection(VpnAttachment attachment, TunnelState state, boolean up) {
        List<Peer> peers = state.peers();
        Optional<ConnectionStatus> told = Optional.ofNullable(state.connection());
        Optional<Peer> heardLast = peers.stream()
                .filter(peer -> peer.lastHandshake().isPresent())
                .max(Comparator.comparing(peer -> peer.lastHandshake().get()));
        return VpnAttachmentStatusConnectionStatusBuilder.builder()
                .connectedSince(up ? connectedSince(attachment) : null)
                .lastHandshakeAt(heardLast.flatMap(Peer::lastHandshake).orElse(null))
                .endpoint(heardLast
                        .map(Peer::endpoint)
                        .filter(endpoint -> !endpoint.isEmpty())
                        .map(endpoint -> Words.cut(endpoint, 64))
                        .orElse(null))
                .receivedBytes(peers.stream().mapToLong(Peer::receivedBytes).sum())
                .sentBytes(peers.stream().mapToLong(Peer::sentBytes).sum())
                .lastError(told.map(ConnectionStatus::lastError).orElse(null))
                .lastErrorAt(told.map(ConnectionStatus::lastErrorAt).orElse(null))
                .build();
    }

    private Instant connectedSince(VpnAttachment attachment) {
        return Optional.ofNullable(before(attachment))
                .map(VpnAttachmentStatus::connection)
                .map(ConnectionStatus::connectedSince)
                .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }

    private static PeerStatus peer(Peer peer) {
        return new PeerStatus(
                Words.cut(peer.publicKey(), 64),
                peer.endpoint().isEmpty() ? null : Words.cut(peer.endpoint(), 64),
                peer.lastHandshake().orElse(null),
                peer.receivedBytes(),
                peer.sentBytes());
    }
}
