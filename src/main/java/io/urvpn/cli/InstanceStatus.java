package io.urvpn.cli;

import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.CleanupProgress;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NodeCounts;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import io.urvpn.api.v1alpha1.VpnType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An instance and its tunnels, as {@code kubectl vpn status -o json} prints them.
 *
 * @param name name of the VpnInstance
 * @param uid its uid
 * @param type type of the VPN
 * @param state Active, Suspended, Deleting, or Deleted where only debts are left
 * @param operation name of the VpnCleanup under way, or that suspended it
 * @param desired nodes that are selected; not where the operator has not said it
 * @param attached nodes with an attachment
 * @param ready nodes whose tunnel carries traffic
 * @param receivedBytes over all nodes
 * @param sentBytes over all nodes
 * @param tunnels by node
 */
record InstanceStatus(
        String name,
        String uid,
        VpnType type,
        State state,
        String operation,
        Integer desired,
        int attached,
        long ready,
        long receivedBytes,
        long sentBytes,
        List<TunnelStatus> tunnels) {

    /** Reasons for which what an agent said last may not be so any more. */
    private static final Set<String> SILENT = Set.of(Reasons.NODE_SILENT, Reasons.AGENT_SILENT);

    /** What is wanted of an instance. */
    enum State {
        Active,
        Suspended,
        Deleting,
        Deleted
    }

    /** Each instance by name, then what is left of such as are deleted. */
    static List<InstanceStatus> of(List<VpnInstance> instances, List<VpnAttachment> attachments) {
        Map<InstanceReference, List<VpnAttachment>> byInstance = attachments.stream()
                .sorted(Comparator.comparing(one -> one.getSpec().nodeName()))
                .collect(Collectors.groupingBy(
                        one -> one.getSpec().instance(), LinkedHashMap::new, Collectors.toCollection(ArrayList::new)));
        List<InstanceStatus> all = new ArrayList<>();
        instances.stream()
                .sorted(Comparator.comparing(instance -> instance.getMetadata().getName()))
                .forEach(instance -> {
                    List<VpnAttachment> own = byInstance.remove(new InstanceReference(
                            instance.getMetadata().getName(),
                            instance.getMetadata().getUid()));
                    all.add(of(instance, own == null ? List.of() : own));
                });
        byInstance.forEach((instance, own) -> all.add(deleted(instance, own)));
        return List.copyOf(all);
    }

    private static InstanceStatus of(VpnInstance instance, List<VpnAttachment> attachments) {
        Optional<VpnInstanceStatus> status = Optional.ofNullable(instance.getStatus());
        return of(
                new InstanceReference(
                        instance.getMetadata().getName(), instance.getMetadata().getUid()),
                instance.getSpec().type(),
                state(instance),
                status.map(VpnInstanceStatus::cleanup)
                        .map(CleanupProgress::operationId)
                        .orElse(null),
                status.map(VpnInstanceStatus::nodes).map(NodeCounts::desired).orElse(null),
                attachments,
                status.map(VpnInstanceStatus::notReady).orElse(List.of()));
    }

    private static State state(VpnInstance instance) {
        if (instance.isMarkedForDeletion()) {
            return State.Deleting;
        }
        return Boolean.TRUE.equals(instance.getSpec().suspend()) ? State.Suspended : State.Active;
    }

    private static InstanceStatus deleted(InstanceReference instance, List<VpnAttachment> attachments) {
        VpnAttachment first = attachments.getFirst();
        String operation = first.getSpec().detach() == null
                ? null
                : first.getSpec().detach().operationId();
        return of(instance, first.getSpec().type(), State.Deleted, operation, 0, attachments, List.of());
    }

    private static InstanceStatus of(
            InstanceReference instance,
            VpnType type,
            State state,
            String operation,
            Integer desired,
            List<VpnAttachment> attachments,
            List<NotReadyNode> notReady) {
        Map<String, NotReadyNode> silent = notReady.stream()
                .filter(node -> SILENT.contains(node.reason()))
                .collect(Collectors.toMap(NotReadyNode::node, Function.identity()));
        List<TunnelStatus> tunnels = attachments.stream()
                .map(one -> TunnelStatus.of(
                        one, Optional.ofNullable(silent.get(one.getSpec().nodeName()))))
                .toList();
        return new InstanceStatus(
                instance.name(),
                instance.uid(),
                type,
                state,
                operation,
                desired,
                tunnels.size(),
                tunnels.stream().filter(TunnelStatus::ready).count(),
                sum(tunnels, TunnelStatus::receivedBytes),
                sum(tunnels, TunnelStatus::sentBytes),
                tunnels);
    }

    private static long sum(List<TunnelStatus> tunnels, Function<TunnelStatus, Long> bytes) {
        return tunnels.stream()
                .map(bytes)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }
}
