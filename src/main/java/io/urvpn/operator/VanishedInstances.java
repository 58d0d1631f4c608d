package io.urvpn.operator;

import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.cleanup.OperationId;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Instances that are gone although their cleanup was not finished: somebody took the finalizer off by hand. What they left
 * is taken down under a VpnCleanup of its own.
 */
final class VanishedInstances {
    /** Stands where a deletion has its seconds and a suspension the generation, which is 1 or more. */
    static final long VANISHED = 0;

    private final OperatorSettings settings;
    private final ClusterCache cache;
    private final EventRoutes routes;
    private final LiveReads live;
    private final ApiWrites writes;
    private final Clock clock;

    VanishedInstances(
            OperatorSettings settings,
            ClusterCache cache,
            EventRoutes routes,
            LiveReads live,
            ApiWrites writes,
            Clock clock) {
        this.settings = settings;
        this.cache = cache;
        this.routes = routes;
        this.live = live;
        this.writes = writes;
        this.clock = clock;
    }

    /** Looks at the attachments of one node. */
    void on(String node) {
        Set<String> looked = new HashSet<>();
        cache.attachmentsOn(node).stream()
                .filter(attachment -> looked.add(attachment.getSpec().instance().uid()))
                .filter(this::vanished)
                .forEach(this::begin);
    }

    /** No cleanup covers it, and the API server itself knows no such instance. */
    private boolean vanished(VpnAttachment attachment) {
        InstanceReference instance = attachment.getSpec().instance();
        boolean underWay = cache.cleanups(instance.uid()).stream()
                .anyMatch(cleanup -> cleanup.getSpec().operation() != Operation.SUSPEND
                        || attachment.getSpec().detach() != null
                                && cleanup.getMetadata()
                                        .getName()
                                        .equals(attachment.getSpec().detach().operationId()));
        return !underWay
                && !routes.knows(instance.uid())
                && live.instance(instance.name(), instance.uid()).isEmpty();
    }

    /** The cache may be behind, of the attachment and of the cleanup that carries it through. */
    private boolean uncovered(VpnAttachment attachment) {
        return Optional.ofNullable(attachment.getSpec().detach())
                .flatMap(detach -> live.cleanup(detach.operationId()))
                .isEmpty();
    }

    private void begin(VpnAttachment found) {
        VpnAttachmentSpec spec = found.getSpec();
        if (spec.type() == null) {
            return;
        }
        List<CoveredNode> nodes = live.attachments(spec.instance().uid()).stream()
                .filter(this::uncovered)
                .map(attachment -> new CoveredNode(
                        attachment.getSpec().nodeName(),
                        attachment.getMetadata().getName()))
                .sorted(Comparator.comparing(CoveredNode::node))
                .toList();
        if (nodes.isEmpty()) {
            return;
        }
        // of the instance, not of one attachment: each node's look begins the same operation
        String id = OperationId.ofGeneration(
                VANISHED, spec.instance().name(), spec.instance().uid());
        writes.create(Cleanups.of(
                id,
                VpnCleanupSpecBuilder.builder()
                        .operation(Operation.INSTANCE_VANISHED)
                        .instance(spec.instance())
                        .type(spec.type())
                        .interfaceName(spec.interfaceName())
                        .requestedAt(clock.instant())
                        .nodes(nodes)
                        .policy(settings.cleanup())
                        .build()));
    }
}
