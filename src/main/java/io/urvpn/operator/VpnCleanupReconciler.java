package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.Interventions;
import io.urvpn.notify.EventRecorder;
import io.urvpn.operator.CleanupScope.Covered;
import io.urvpn.operator.CleanupScope.TakenUp;
import io.urvpn.operator.DetachDriver.OnRecord;
import io.urvpn.operator.DetachDriver.Step;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Carries a cleanup through: orders each covered node to detach, ends the pods when the steps are done, asks for the
 * verifications, stores the verdicts, and lets an attachment go only when its verdict stands in the stored status.
 */
final class VpnCleanupReconciler implements Reconciler<VpnCleanup> {
    /** Steps that run on a node before its verification, each for timeoutSeconds at most. */
    private static final int STEPS = 4;

    private static final Duration SOON = Duration.ofMillis(50);
    /** How long a cleanup that is to go waits before it looks again whether its instance is gone. */
    private static final Duration INSTANCE_STAYS = Duration.ofSeconds(2);

    private final ClusterCache cache;
    private final LiveReads live;
    private final ApiWrites writes;
    private final DetachDriver driver;
    private final Parallel parallel;
    private final EventRoutes routes;
    private final CleanupGathering gathering;
    private final DetachOrders orders;
    private final EventRecorder events;
    private final Optional<CleanupMessages> messages;

    VpnCleanupReconciler(
            ClusterCache cache,
            LiveReads live,
            ApiWrites writes,
            DetachDriver driver,
            Parallel parallel,
            EventRoutes routes,
            EventRecorder events,
            Optional<CleanupMessages> messages,
            Clock clock) {
        this.cache = cache;
        this.live = live;
        this.writes = writes;
        this.driver = driver;
        this.parallel = parallel;
        this.routes = routes;
        this.gathering = new CleanupGathering(cache, new CleanupAnnotations(live, clock), clock);
        this.orders = new DetachOrders(writes, parallel);
        this.events = events;
        this.messages = messages;
    }

    @Override
    public List<EventSource<?, VpnCleanup>> prepareEventSources(EventSourceContext<VpnCleanup> context) {
        return List.of(routes.cleanupEvents());
    }

    @Override
    public UpdateControl<VpnCleanup> reconcile(VpnCleanup cached, Context<VpnCleanup> context) {
        UpdateControl<VpnCleanup> control = UpdateControl.noUpdate();
        Optional<VpnCleanup> stored = live.cleanup(cached.getMetadata().getName());
        if (stored.isEmpty()) {
            messages.ifPresent(all -> all.forget(cached.getMetadata().getUid()));
        }
        stored.flatMap(this::passAndTell).ifPresent(control::rescheduleAfter);
        return control;
    }

    /** What is on record is sent first, and waits for nothing; nothing of the cleanup waits for it either. */
    private Optional<Duration> passAndTell(VpnCleanup stored) {
        Optional<Duration> tell = messages.flatMap(all -> all.send(stored));
        Optional<Duration> next = pass(gathering.of(stored));
        return Stream.of(tell, next).flatMap(Optional::stream).min(Duration::compareTo);
    }

    private Optional<Duration> pass(CleanupScope scope) {
        hold(scope);
        releaseStored(scope);
        if (finished(scope)) {
            return told(scope) ? expire(scope) : Optional.of(SOON);
        }
        // what the API server refuses for one node must not keep the others waiting, nor the status
        Refusals refusals = new Refusals();
        refusals.during(() -> orders.createMissing(scope));
        refusals.during(() -> orders.detach(scope));
        refusals.during(() -> orders.skip(scope));
        List<Step> steps =
                driver.drive(scope.instanceUid(), scope.underWay(), DetachDriver.Pods.ALL, record(scope), scope.now());
        endPods(scope, steps);
        Optional<Duration> next = writeStatus(scope, steps);
        refusals.raise();
        return next;
    }

    /** While it is under way a person's delete must lose no evidence, so the object has a finalizer of its own. */
    private void hold(CleanupScope scope) {
        VpnCleanup cleanup = scope.cleanup();
        if (!finished(scope)
                && !cleanup.isMarkedForDeletion()
                && !cleanup.getFinalizers().contains(Names.FINALIZER_EVIDENCE)) {
            writes.hold(cleanup);
        }
    }

    private static Function<VpnAttachment, OnRecord> record(CleanupScope scope) {
        Map<String, Covered> byNode = new HashMap<>();
        scope.nodes().forEach(node -> byNode.put(node.node(), node));
        return attachment -> {
            String node = attachment.getSpec().nodeName();
            Covered covered = byNode.get(node);
            return new OnRecord(
                    Interventions.on(scope.recorded(), node),
                    covered.stored().map(NodeCleanup::outcome),
                    covered.machineKey());
        };
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

    /** Writes what became of the messages of a cleanup that is over; false where somebody else wrote in between. */
    private boolean told(CleanupScope scope) {
        VpnCleanup cleanup = scope.cleanup();
        VpnCleanupStatus status = tell(cleanup, cleanup.getStatus());
        if (status.equals(cleanup.getStatus())) {
            return true;
        }
        boolean written = writes.status(cleanup, status);
        if (written) {
            events.record(CleanupEvents.ofMessages(cleanup, status));
        }
        return written;
    }

    private VpnCleanupStatus tell(VpnCleanup cleanup, VpnCleanupStatus status) {
        return messages.map(all -> all.with(cleanup, status)).orElse(status);
    }

    /**
     * Removed after its TTL, or when a person deletes it, but not before its instance is gone: the instance would begin it
     * again, and find nothing to clean.
     */
    private Optional<Duration> expire(CleanupScope scope) {
        VpnCleanup cleanup = scope.cleanup();
        scope.takenUp().forEach(this::removeAnnotation);
        if (cleanup.isMarkedForDeletion() && needed(scope)) {
            return Optional.of(INSTANCE_STAYS);
        }
        if (cleanup.getFinalizers().contains(Names.FINALIZER_EVIDENCE)) {
            return writes.letGo(cleanup) ? Optional.empty() : Optional.of(SOON);
        }
        if (cleanup.isMarkedForDeletion()) {
            return Optional.empty();
        }
        Instant over = cleanup.getStatus()
                .completedAt()
                .plusSeconds(cleanup.getSpec().policy().ttlSecondsAfterFinished());
        Instant due = messages.flatMap(all -> all.owesUntil(cleanup))
                .filter(over::isBefore)
                .orElse(over);
        if (scope.now().isBefore(due)) {
            return DetachDriver.until(Stream.of(Optional.of(due)), scope.now());
        }
        if (needed(scope)) {
            return Optional.of(INSTANCE_STAYS);
        }
        return writes.delete(cleanup) ? Optional.empty() : Optional.of(SOON);
    }

    private boolean needed(CleanupScope scope) {
        return scope.cleanup().getSpec().operation() == Operation.DELETE
                && (live.instance(scope.cleanup().getSpec().instance().name(), scope.instanceUid())
                                .isPresent()
                        || !live.attachments(scope.instanceUid()).isEmpty());
    }

    private void removeAnnotation(TakenUp one) {
        writes.removeAnnotation(one.on(), one.key(), one.value());
    }

    /** When the steps of every reachable node are done. The pods are ended here too: faster than garbage collection. */
    private void endPods(CleanupScope scope, List<Step> steps) {
        boolean waitsForSteps = scope.nodes().stream()
                .filter(node -> !node.ended())
                .anyMatch(node -> steps.stream()
                        .filter(step -> step.facts().spec().nodeName().equals(node.node()))
                        .noneMatch(step -> stepsOver(step, scope.now())));
        if (waitsForSteps || resumed(scope)) {
            return;
        }
        List<Pod> pods = cache.pods(scope.instanceUid());
        boolean ending = steps.stream()
                .allMatch(step -> step.decision() instanceof DetachDecision.End
                        || step.decision() instanceof DetachDecision.Close);
        if (ending || !pods.isEmpty() || cache.daemonSet(scope.instanceUid()).isPresent()) {
            // live: one that the cache does not know of yet would stay for ever
            live.daemonSet(scope.instanceUid())
                    .filter(existing -> !existing.isMarkedForDeletion())
                    .ifPresent(writes::end);
        }
        parallel.each(pods.stream().filter(pod -> !pod.isMarkedForDeletion()).toList(), writes::end);
    }

    /** An instance that was suspended may have its pods again while an older debt of it is settled. */
    private boolean resumed(CleanupScope scope) {
        return scope.cleanup().getSpec().operation() != Operation.DELETE
                && cache.attachments(scope.instanceUid()).stream()
                        .anyMatch(attachment -> attachment.getSpec().desired() == DesiredState.ATTACHED);
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
        VpnCleanupStatus status = CompactNodes.within(
                scope.cleanup(), tell(scope.cleanup(), CleanupStatusAggregator.status(scope, steps)));
        boolean changed = !status.equals(scope.cleanup().getStatus());
        if (changed && !writes.status(scope.cleanup(), status)) {
            return Optional.of(SOON);
        }
        events.record(CleanupEvents.between(scope.cleanup(), scope.cleanup().getStatus(), status));
        // what is on record now is acted on in the next pass, and the annotation has done its work
        scope.takenUp().forEach(this::removeAnnotation);
        // A write comes back as an event, and with it the next pass, in which the stored verdicts let their attachments
        // go.
        Stream<Optional<Instant>> patience = steps.stream()
                .filter(step -> !stepsOver(step, scope.now()))
                .map(step -> Optional.of(patienceEnds(step)));
        return DetachDriver.until(Stream.concat(steps.stream().map(Step::dueAt), patience), scope.now());
    }
}
