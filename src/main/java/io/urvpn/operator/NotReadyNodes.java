package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.operator.Identities.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** On which nodes an instance's tunnel is not known to be up, and why. Pure. */
final class NotReadyNodes {
    /** Reasons that say that a node has no usable configuration. */
    private static final Set<String> OF_CONFIGURATION = Set.of(
            Reasons.SECRET_NOT_FOUND,
            Reasons.SECRET_KEY_MISSING,
            Reasons.INVALID_CONFIGURATION,
            Reasons.SHARED_IDENTITY,
            Reasons.ADDRESS_POOL_EXHAUSTED,
            Reasons.UNSUPPORTED_TYPE);

    /** Of a type that a newer version wrote. */
    static final String UNSUPPORTED = Arrays.stream(VpnType.values())
            .map(RuntimeDaemonSet::typeName)
            .collect(Collectors.joining(
                    ", ",
                    "this version does not know the type that spec.type names; it runs ",
                    ". Nothing was done on any node; create another VpnInstance with one of these as spec.type, or"
                            + " install the newer version that has it"));

    /** Reasons that do not go away by themselves. */
    private static final Set<String> NEEDS_A_PERSON = Set.of(
            Reasons.NAME_HELD,
            Reasons.INTERFACE_NAME_TAKEN,
            Reasons.FOREIGN_CONFLICT,
            Reasons.APPLY_CUT_NODE,
            Reasons.ROUTE_COVERS_NODE,
            Reasons.NO_FREE_TABLE,
            Reasons.APPLY_FAILED,
            Reasons.JOURNAL_UNWRITABLE,
            Reasons.UNKNOWN_JOURNAL);

    private NotReadyNodes() {}

    static boolean ofConfiguration(String reason) {
        return reason != null && OF_CONFIGURATION.contains(reason);
    }

    static boolean needsAPerson(NotReadyNode node) {
        return NEEDS_A_PERSON.contains(node.reason());
    }

    /** Nodes without a configuration first: they do not become ready by themselves. */
    static List<NotReadyNode> of(InstanceScope scope, String namespace) {
        Map<String, VpnAttachment> byNode = new HashMap<>();
        scope.attachments()
                .forEach(attachment -> byNode.put(attachment.getSpec().nodeName(), attachment));
        Map<String, Problem> problems = scope.identities().problems();
        List<NotReadyNode> notReady = new ArrayList<>();
        for (String node : scope.selection().wanted()) {
            Optional<VpnAttachment> attachment = Optional.ofNullable(byNode.get(node));
            if (attachment.isEmpty() && scope.type().isEmpty()) {
                notReady.add(new NotReadyNode(node, Reasons.UNSUPPORTED_TYPE, UNSUPPORTED));
            } else if (attachment.isEmpty() && problems.containsKey(node)) {
                Problem problem = problems.get(node);
                notReady.add(new NotReadyNode(node, problem.reason(), Conditions.cut(problem.message(), 512)));
            } else {
                of(node, attachment, scope.silent(), namespace).ifPresent(notReady::add);
            }
        }
        notReady.sort(Comparator.comparing((NotReadyNode node) -> !ofConfiguration(node.reason()))
                .thenComparing(node -> !needsAPerson(node))
                .thenComparing(NotReadyNode::node));
        return notReady;
    }

    private static Optional<NotReadyNode> of(
            String node, Optional<VpnAttachment> attachment, Map<String, Problem> silent, String namespace) {
        if (attachment.isPresent() && attachment.get().getSpec().desired() != DesiredState.ATTACHED) {
            return Optional.of(new NotReadyNode(
                    node, Reasons.DETACHING, "the node is being detached; it is attached anew when that is through"));
        }
        if (attachment.isPresent() && silent.containsKey(node)) {
            Problem silence = silent.get(node);
            return Optional.of(new NotReadyNode(node, silence.reason(), silence.message()));
        }
        Optional<VpnAttachmentStatus> status = attachment.map(VpnAttachment::getStatus);
        boolean current = status.filter(told -> Objects.equals(
                        told.observedGeneration(),
                        attachment.get().getMetadata().getGeneration()))
                .isPresent();
        Optional<Condition> ready = status.flatMap(told -> Conditions.of(told.conditions(), Reasons.READY));
        if (current && ready.filter(told -> "True".equals(told.getStatus())).isPresent()) {
            return Optional.empty();
        }
        if (current && ready.isPresent()) {
            return Optional.of(new NotReadyNode(
                    node, ready.get().getReason(), Conditions.cut(ready.get().getMessage(), 512)));
        }
        return Optional.of(new NotReadyNode(
                node,
                Reasons.WAITING_FOR_AGENT,
                "the agent has not taken the order up yet; if this lasts: kubectl -n " + namespace
                        + " get pods -o wide --field-selector spec.nodeName=" + node));
    }
}
