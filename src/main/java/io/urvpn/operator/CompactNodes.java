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
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatusNodeCleanupBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Keeps a VpnCleanup small: etcd takes 1.5 MiB, and people read from the top. Nodes that need attention come first and are
 * whole; where all together are too many, those that ended well keep what sums up, and what is under way keeps its times.
 */
public final class CompactNodes {
    /** Bytes that the nodes may have as JSON; the whole object stays below 256 KiB. */
    private static final int BUDGET = 200 * 1024;

    private static final ObjectMapper JSON = Serialization.mapper();

    private CompactNodes() {}

    /** The same nodes, compacted from the last one on until they fit. */
    public static List<NodeCleanup> within(List<NodeCleanup> nodes) {
        long size = nodes.stream().mapToLong(CompactNodes::size).sum();
        if (size <= BUDGET) {
            return nodes;
        }
        List<NodeCleanup> fitting = new ArrayList<>(nodes);
        for (int i = fitting.size() - 1; i >= 0 && size > BUDGET; i--) {
            NodeCleanup whole = fitting.get(i);
            NodeCleanup compact = compact(whole);
            size -= size(whole) - size(compact);
            fitting.set(i, compact);
        }
        for (int i = fitting.size() - 1; i >= 0 && size > BUDGET; i--) {
            NodeCleanup node = fitting.get(i);
            if (onItsWay(node)) {
                // its attachment has them until it ends
                NodeCleanup bare = VpnCleanupStatusNodeCleanupBuilder.builder(node)
                        .components(null)
                        .build();
                size -= size(node) - size(bare);
                fitting.set(i, bare);
            }
        }
        return List.copyOf(fitting);
    }

    private static boolean onItsWay(NodeCleanup node) {
        return node.outcome() == null
                && node.components() != null
                && node.components().stream().noneMatch(component -> component.status() == ComponentState.FAILED);
    }

    private static int size(NodeCleanup node) {
        try {
            return JSON.writeValueAsBytes(node).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is always JSON", e);
        }
    }

    private static NodeCleanup compact(NodeCleanup node) {
        boolean clean = node.outcome() == Outcome.VERIFIED;
        if (!clean || node.components() == null) {
            // what did not end well is told whole, but for what it did on the way
            return node.components() == null
                    ? node
                    : VpnCleanupStatusNodeCleanupBuilder.builder(node)
                            .components(node.components().stream()
                                    .map(CompactNodes::withoutDetails)
                                    .toList())
                            .build();
        }
        return VpnCleanupStatusNodeCleanupBuilder.builder(node)
                .components(null)
                .componentMillis(node.components().stream()
                        .map(component -> Objects.requireNonNullElse(component.durationMillis(), 0L))
                        .toList())
                .evidence(together(node.components()))
                .verdict(null)
                .build();
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

    /** What the components of a node did, as one. */
    private static Evidence together(List<ComponentStatus> components) {
        EvidenceBuilder all = EvidenceBuilder.builder();
        components.stream()
                .map(ComponentStatus::evidence)
                .filter(Objects::nonNull)
                .forEach(one -> {
                    all.rulesCleared(or(one.rulesCleared(), all.rulesCleared()));
                    all.routesCleared(or(one.routesCleared(), all.routesCleared()));
                    all.processesEnded(or(one.processesEnded(), all.processesEnded()));
                    all.interfacesRemoved(or(one.interfacesRemoved(), all.interfacesRemoved()));
                    all.packetFilterTablesRemoved(or(one.packetFilterTablesRemoved(), all.packetFilterTablesRemoved()));
                    all.filesRemoved(or(one.filesRemoved(), all.filesRemoved()));
                });
        return all.build();
    }

    private static Integer or(Integer one, Integer before) {
        return one != null ? one : before;
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
                    part(component, node.evidence())));
        }
        return VpnCleanupStatusNodeCleanupBuilder.builder(node)
                .components(components)
                .build();
    }

    private static Evidence part(Component component, Evidence all) {
        if (all == null) {
            return null;
        }
        return switch (component) {
            case ROUTING_RULES_CLEAR ->
                EvidenceBuilder.builder()
                        .rulesCleared(all.rulesCleared())
                        .routesCleared(all.routesCleared())
                        .build();
            case VPN_DISCONNECT ->
                EvidenceBuilder.builder()
                        .processesEnded(all.processesEnded())
                        .interfacesRemoved(all.interfacesRemoved())
                        .packetFilterTablesRemoved(all.packetFilterTablesRemoved())
                        .build();
            case CONFIGURATION_UPDATE ->
                EvidenceBuilder.builder().filesRemoved(all.filesRemoved()).build();
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
