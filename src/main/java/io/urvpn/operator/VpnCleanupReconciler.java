package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.operator.CleanupScope.Covered;
import io.urvpn.operator.DetachDriver.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Carries a cleanup through: orders each covered node to detach, ends the pods when the steps are done, asks for the
 * verifications, stores the verdicts, and lets an attachment go only when its verdict stands in the stored status.
 */
final class VpnCleanupReconciler implements Reconciler<VpnCleanup> {
    /** Steps that run on a node before its verification, each for timeoutSeconds at most. */
    private static final int STEPS = 4;

    private static final Duration SOON = Duration.ofMillis(50);
    /** How long after its TTL a cleanup waits for its instance to be gone. */
    private static final Duration INSTANCE_STAYS = Duration.ofSeconds(2);

    private final ClusterCache cache;
    private final LiveReads live;
    private final ApiWrites writes;
    private final DetachDriver driver;
    private final Parallel parallel;
    private final EventRoutes routes;
    private final Clock clock;

    VpnCleanupReconciler(
            ClusterCache cache,
            LiveReads live,
            ApiWrites writes,
            DetachDriver driver,
            Parallel parallel,
            EventRoutes routes,
            Clock clock) {
        this.cache = cache;
        this.live = live;
        this.writes = writes;
        this.driver = driver;
        this.parallel = parallel;
        this.routes = routes;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VpnCleanup>> prepareEventSources(EventSourceContext<VpnCleanup> context) {
        return List.of(routes.cleanupEvents());
    }

    @Override
    public UpdateControl<VpnCleanup> reconcile(VpnCleanup cached, Context<VpnCleanup> context) {
        UpdateControl<VpnCleanup> control = UpdateControl.noUpdate();
        live.cleanup(cached.getMetadata().getName())
                .filter(cleanup -> !cleanup.isMarkedForDeletion())
                .flatMap(cleanup -> pass(gather(cleanup)))
                .ifPresent(control::rescheduleAfter);
        return control;
    }

    private Optional<Duration> pass(CleanupScope scope) {
        releaseStored(scope);
        if (finished(scope)) {
            return expire(scope);
        }
        createMissing(scope);
        orderDetach(scope);
        List<Step> steps = driver.drive(scope.instanceUid(), scope.underWay(), DetachDriver.Pods.ALL, scope.now());
        endPods(scope, steps);
        return writeStatus(scope, steps);
    }

    /** Nodes of the spec, and whatever else the instance still has: a stale operator may have attached one more. */
    private CleanupScope gather(VpnCleanup cleanup) {
        String uid = cleanup.getSpec().instance().uid();
        Map<String, VpnAttachment> byNode = new HashMap<>();
        cache.attachments(uid)
                .forEach(attachment -> byNode.put(attachment.getSpec().nodeName(), attachment));
        Map<String, VpnCleanupStatus.NodeCleanup> told = new HashMap<>();
        Optional.ofNullable(cleanup.getStatus())
                .map(VpnCleanupStatus::nodes)
                .orElse(List.of())
                .forEach(node -> told.put(node.node(), node));
        List<Covered> nodes = new ArrayList<>();
        for (CoveredNode covered : cleanup.getSpec().nodes()) {
            nodes.add(new Covered(
                    covered.node(),
                    Optional.ofNullable(byNode.remove(covered.node())),
                    Optional.ofNullable(told.get(covered.node()))));
        }
        byNode.forEach((node, attachment) ->
                nodes.add(new Covered(node, Optional.of(attachment), Optional.ofNullable(told.get(node)))));
        return new CleanupScope(cleanup, nodes, clock.instant());
    }

    /** The status was read live: what stands there is stored, so its attachment may go. */
    private void releaseStored(CleanupScope scope) {
        parallel.each(
                scope.nodes().stream()
                        .filter(Covered::verdictStored)
                        .flatMap(node -> node.attachment().stream())
                        .toList(),
                writes::release);
    }

    private static boolean finished(CleanupScope scope) {
        VpnCleanupStatus status = scope.cleanup().getStatus();
        return status != null
                && status.phase() == OperationPhase.COMPLETED
                && status.completedAt() != null
                && scope.underWay().isEmpty();
    }

    /** Removed after its TTL, but not before its instance is gone: the instance would begin it again. */
    private Optional<Duration> expire(CleanupScope scope) {
        VpnCleanup cleanup = scope.cleanup();
        Instant due = cleanup.getStatus()
                .completedAt()
                .plusSeconds(cleanup.getSpec().policy().ttlSecondsAfterFinished());
        if (scope.now().isBefore(due)) {
            return DetachDriver.until(Stream.of(Optional.of(due)), scope.now());
        }
        boolean instanceStays = live.instance(cleanup.getSpec().instance().name(), scope.instanceUid())
                .isPresent();
        if (instanceStays || !live.attachments(scope.instanceUid()).isEmpty()) {
            return Optional.of(INSTANCE_STAYS);
        }
        return writes.delete(cleanup) ? Optional.empty() : Optional.of(SOON);
    }

    /** An attachment that is missing without a verdict is made again, to be detached: missing is not gone. */
    private void createMissing(CleanupScope scope) {
        List<Covered> missing = scope.nodes().stream()
                .filter(node -> node.attachment().isEmpty() && !node.ended())
                .toList();
        parallel.each(missing, node -> {
            VpnAttachmentSpec spec = VpnAttachmentSpecBuilder.builder()
                    .instance(scope.cleanup().getSpec().instance())
                    .nodeName(node.node())
                    .type(scope.cleanup().getSpec().type())
                    .interfaceName(scope.cleanup().getSpec().interfaceName())
                    .build();
            writes.create(Attachments.of(DetachDriver.ordered(spec, order(scope))));
        });
    }

    private void orderDetach(CleanupScope scope) {
        List<VpnAttachment> attached = scope.nodes().stream()
                .flatMap(node -> node.attachment().stream())
                .filter(attachment -> attachment.getSpec().desired() == DesiredState.ATTACHED)
                .toList();
        parallel.each(
                attached,
                attachment -> writes.replaceSpec(attachment, DetachDriver.ordered(attachment.getSpec(), order(scope))));
    }

    private static DetachOrder order(CleanupScope scope) {
        return DetachDriver.order(
                scope.cleanup().getMetadata().getName(),
                "the VpnInstance is being deleted",
                scope.cleanup().getSpec().instanceDisplayName(),
                scope.cleanup().getSpec().policy(),
                scope.now());
    }

    /** When the steps of every reachable node are done. The pods are ended here too: faster than garbage collection. */
    private void endPods(CleanupScope scope, List<Step> steps) {
        boolean waitsForSteps = scope.nodes().stream()
                .filter(node -> !node.ended())
                .anyMatch(node -> steps.stream()
                        .filter(step -> step.facts().spec().nodeName().equals(node.node()))
                        .noneMatch(step -> stepsOver(step, scope.now())));
        if (waitsForSteps) {
            return;
        }
        List<Pod> pods = cache.pods(scope.instanceUid());
        boolean ending = steps.stream().allMatch(step -> step.decision() instanceof DetachDecision.End);
        if (ending || !pods.isEmpty() || cache.daemonSet(scope.instanceUid()).isPresent()) {
            // live: one that the cache does not know of yet would stay for ever
            live.daemonSet(scope.instanceUid())
                    .filter(existing -> !existing.isMarkedForDeletion())
                    .ifPresent(writes::end);
        }
        parallel.each(pods.stream().filter(pod -> !pod.isMarkedForDeletion()).toList(), writes::end);
    }

    /** Done, or the node does not seem to be reachable: it must not keep the others waiting. */
    private static boolean stepsOver(Step step, Instant now) {
        return step.facts().stepsDone() || !now.isBefore(patienceEnds(step));
    }

    private static Instant patienceEnds(Step step) {
        Duration one = Duration.ofSeconds(step.facts().spec().detach().policy().timeoutSeconds());
        boolean begun =
                step.facts().status().map(status -> status.detach() != null).orElse(false);
        return step.facts().spec().detach().orderedAt().plus(begun ? one.multipliedBy(STEPS) : one);
    }

    private Optional<Duration> writeStatus(CleanupScope scope, List<Step> steps) {
        VpnCleanupStatus status = CleanupStatusAggregator.status(scope, steps);
        boolean changed = !status.equals(scope.cleanup().getStatus());
        if (changed && !writes.status(scope.cleanup(), status)) {
            return Optional.of(SOON);
        }
        // A write comes back as an event, and with it the next pass, in which the stored verdicts let their attachments
        // go.
        Stream<Optional<Instant>> patience = steps.stream()
                .filter(step -> !stepsOver(step, scope.now()))
                .map(step -> Optional.of(patienceEnds(step)));
        return DetachDriver.until(Stream.concat(steps.stream().map(Step::dueAt), patience), scope.now());
    }
}
