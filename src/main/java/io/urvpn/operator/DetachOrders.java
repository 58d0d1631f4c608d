package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.cleanup.Interventions;
import io.urvpn.operator.CleanupScope.Covered;
import java.util.List;

/** What a cleanup tells the agents of its nodes: to detach, and what to leave out. */
final class DetachOrders {
    private final ApiWrites writes;
    private final Parallel parallel;

    DetachOrders(ApiWrites writes, Parallel parallel) {
        this.writes = writes;
        this.parallel = parallel;
    }

    /** An attachment that is missing without a verdict is made again, to be detached: missing is not gone. */
    void createMissing(CleanupScope scope) {
        List<Covered> missing = scope.nodes().stream()
                .filter(node -> node.attachment().isEmpty() && (!node.ended() || node.released()))
                .toList();
        parallel.each(missing, node -> {
            VpnAttachmentSpec spec = VpnAttachmentSpecBuilder.builder()
                    .instance(scope.cleanup().getSpec().instance())
                    .nodeName(node.node())
                    .type(scope.cleanup().getSpec().type())
                    .interfaceName(scope.cleanup().getSpec().interfaceName())
                    .machineKey(node.machineKey().orElse(null))
                    .build();
            writes.create(Attachments.of(DetachDriver.ordered(spec, order(scope))));
        });
    }

    /** Each attachment that has no order yet gets one. */
    void detach(CleanupScope scope) {
        List<VpnAttachment> attached = scope.nodes().stream()
                .flatMap(node -> node.attachment().stream())
                .filter(attachment -> attachment.getSpec().detach() == null)
                .toList();
        parallel.each(
                attached,
                attachment -> writes.replaceSpec(attachment, DetachDriver.ordered(attachment.getSpec(), order(scope))));
    }

    private static DetachOrder order(CleanupScope scope) {
        return DetachDriver.order(
                scope.cleanup().getMetadata().getName(),
                reason(scope.cleanup().getSpec().operation()),
                scope.cleanup().getSpec().instanceDisplayName(),
                scope.cleanup().getSpec().policy(),
                scope.now());
    }

    private static String reason(Operation operation) {
        return switch (operation) {
            case SUSPEND -> "the VpnInstance is suspended";
            case INSTANCE_VANISHED -> "the VpnInstance is gone, and its cleanup was not finished";
            case null, default -> "the VpnInstance is being deleted";
        };
    }

    /** What a person left out is on record; the agents are told. */
    void skip(CleanupScope scope) {
        parallel.each(
                scope.underWay().stream()
                        .filter(attachment -> attachment.getSpec().detach() != null)
                        .filter(attachment -> !skipped(scope, attachment)
                                .equals(orEmpty(attachment.getSpec().skip())))
                        .toList(),
                attachment -> writes.replaceSpec(
                        attachment,
                        VpnAttachmentSpecBuilder.builder(attachment.getSpec())
                                .skip(skipped(scope, attachment))
                                .build()));
    }

    private static List<Component> skipped(CleanupScope scope, VpnAttachment attachment) {
        return Interventions.on(scope.recorded(), attachment.getSpec().nodeName())
                .skipped();
    }

    private static List<Component> orEmpty(List<Component> components) {
        return components == null ? List.of() : components;
    }
}
