package io.urvpn.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Keeps a VpnCleanup small: etcd takes 1.5 MiB, and people read from the top. Nodes that need attention come first and are
 * whole; where all together are too many, those that ended well keep what sums up, and what is under way keeps its times.
 */
public final class CompactNodes {
    /** Bytes that the whole object may have as JSON, with what the API server notes in its metadata. */
    private static final int OBJECT = 256 * 1024;
    /** What this write itself adds to the metadata, and what grows with no node. */
    private static final int RESERVE = 4 * 1024;

    private static final ObjectMapper JSON = Serialization.mapper();

    private static final List<UnaryOperator<NodeCleanup>> ROUNDS = List.of(
            CompactNodes::endedWell,
            CompactNodes::onItsWay,
            CompactNodes::withoutMachine,
            CompactNodes::withoutMessage,
            CompactNodes::withoutDetails);

    /** In the order in which {@link NodeCleanup#removed} has them. */
    private static final List<Function<Evidence, Integer>> REMOVED = List.of(
            Evidence::rulesCleared,
            Evidence::routesCleared,
            Evidence::processesEnded,
            Evidence::interfacesRemoved,
            Evidence::packetFilterTablesRemoved,
            Evidence::filesRemoved,
            Evidence::xfrmRemoved,
            Evidence::connectionsRemoved);

    /** What a version before them wrote. */
    private static final int WITHOUT_XFRM_AND_CONNECTIONS = 6;

    private CompactNodes() {}

    /** The status with its nodes compacted until the object fits, as far as they can be. */
    static VpnCleanupStatus within(VpnCleanup stored, VpnCleanupStatus status) {
        VpnCleanupStatus bare =
                VpnCleanupStatusBuilder.builder(status).nodes(null).build();
        int taken = RESERVE + size(stored.getMetadata()) + size(stored.getSpec()) + size(bare);
        return VpnCleanupStatusBuilder.builder(status)
                .nodes(within(status.nodes(), Math.max(0, OBJECT - taken)))
                .build();
    }

    /** The same nodes, compacted until they have so many bytes; in each round from the last one on, which needs it least. */
    public static List<NodeCleanup> within(List<NodeCleanup> nodes, int bytes) {
        List<NodeCleanup> fitting = new ArrayList<>(nodes);
        long size = nodes.stream().mapToLong(CompactNodes::size).sum() + nodes.size();
        for (UnaryOperator<NodeCleanup> round : ROUNDS) {
            for (int i = fitting.size() - 1; i >= 0 && size > bytes; i--) {
                NodeCleanup smaller = round.apply(fitting.get(i));
                size -= size(fitting.get(i)) - size(smaller);
                fitting.set(i, smaller);
            }
        }
        return List.copyOf(fitting);
    }

    /** Its times and counts; what they were is seen from the order of the components. */
    private static NodeCleanup endedWell(NodeCleanup node) {
        if (node.outcome() != Outcome.VERIFIED || node.components() == null) {
            return node;
        }
        return VpnCleanupStatusNodeCleanupBuilder.builder(node)
                .endedAt(seconds(node.endedAt()))
                .components(null)
                .componentMillis(node.components().stream()
                        .map(component -> Objects.requireNonNullElse(component.durationMillis(), 0L))
                        .toList())
                .removed(removed(node.components()))
                .verdict(null)
                .build();
    }

    /** Its attachment has the components until it ends. */
    private static NodeCleanup onItsWay(NodeCleanup node) {
        return isOnItsWay(node)
                ? VpnCleanupStatusNodeCleanupBuilder.builder(node)
                        .components(null)
                        .pendingSince(seconds(node.pendingSince()))
                        .build()
                : node;
    }

    /** A machine that was read owes nothing. */
    private static NodeCleanup withoutMachine(NodeCleanup node) {
        return node.outcome() == Outcome.VERIFIED
                ? VpnCleanupStatusNodeCleanupBuilder.builder(node)
                        .machineKey(null)
                        .build()
                : node;
    }

    /** The reason says it too. */
    private static NodeCleanup withoutMessage(NodeCleanup node) {
        return isOnItsWay(node)
                ? VpnCleanupStatusNodeCleanupBuilder.builder(node)
                        .pendingMessage(null)
                        .build()
                : node;
    }

    /** What did not end well is told whole, but for what it did on the way. */
    private static NodeCleanup withoutDetails(NodeCleanup node) {
        return node.components() == null
                ? node
                : VpnCleanupStatusNodeCleanupBuilder.builder(node)
                        .components(node.components().stream()
                                .map(CompactNodes::withoutDetails)
                                .toList())
                        .build();
    }

    private static boolean isOnItsWay(NodeCleanup node) {
        return node.outcome() == null
                && (node.components() == null
                        || node.components().stream()
                                .noneMatch(component -> component.status() == ComponentState.FAILED));
    }

    private static Instant seconds(Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static int size(Object part) {
        try {
            return JSON.writeValueAsBytes(part).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what the API server gave is JSON", e);
        }
    }

    private static ComponentStatus withoutDetails(ComponentStatus component) {
        boolean wanted = component.status() == ComponentState.FAILED;
        return wanted
                ? component
                : new ComponentStatus(
                        component.component(),
                        component.status(),
                        component.startedAt(),
                        component.completedAt(),
                        component.durationMillis(),
                        component.attempt(),
                        component.error(),
                        null);
    }

    /** Counts of what the components of a node removed. */
    private static List<Integer> removed(List<ComponentStatus> components) {
        return REMOVED.stream()
                .map(count -> components.stream()
                        .map(ComponentStatus::evidence)
                        .filter(Objects::nonNull)
                        .map(count)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(0))
                .toList();
    }

    /** For sums: a compacted node as it was, as far as it counts. */
    public static List<NodeCleanup> expand(List<NodeCleanup> nodes) {
        return nodes.stream().map(CompactNodes::expand).toList();
    }

    private static NodeCleanup expand(NodeCleanup node) {
        if (node.components() != null || node.componentMillis() == null) {
            return node;
        }
        List<ComponentStatus> components = new ArrayList<>();
        for (Component component : Component.values()) {
            Long millis = component.ordinal() < node.componentMillis().size()
                    ? node.componentMillis().get(component.ordinal())
                    : null;
            components.add(new ComponentStatus(
                    component,
                    ComponentState.COMPLETED,
                    null,
                    node.endedAt(),
                    millis,
                    component == Component.VERIFICATION_JOB ? node.attempts() : null,
                    null,
                    part(component, node.removed())));
        }
        return VpnCleanupStatusNodeCleanupBuilder.builder(node)
                .components(components)
                .build();
    }

    private static Evidence part(Component component, List<Integer> removed) {
        if (removed == null || removed.size() < WITHOUT_XFRM_AND_CONNECTIONS) {
            return null;
        }
        return switch (component) {
            case ROUTING_RULES_CLEAR ->
                EvidenceBuilder.builder()
                        .rulesCleared(removed.get(0))
                        .routesCleared(removed.get(1))
                        .build();
            case VPN_DISCONNECT ->
                EvidenceBuilder.builder()
                        .processesEnded(removed.get(2))
                        .interfacesRemoved(removed.get(3))
                        .packetFilterTablesRemoved(removed.get(4))
                        .xfrmRemoved(removed.size() > 6 ? removed.get(6) : null)
                        .connectionsRemoved(removed.size() > 7 ? removed.get(7) : null)
                        .build();
            case CONFIGURATION_UPDATE ->
                EvidenceBuilder.builder().filesRemoved(removed.get(5)).build();
            case THREAD_TERMINATION, VERIFICATION_JOB -> null;
        };
    }

    /** The report of a node that was read and is clean. */
    static VerificationReport clean(String instanceName) {
        return new VerificationReport(
                instanceName,
                new VerificationReport.ThreadVerification(false, false, VerificationReport.NO_THREAD),
                new VerificationReport.RoutingVerification(false, 0, VerificationReport.NO_ROUTING),
                new VerificationReport.VpnVerification(false, 0, VerificationReport.NO_VPN),
                new VerificationReport.ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION));
    }
}
