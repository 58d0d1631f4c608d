package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.Detachment;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.PlanProgress;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.Durations;
import io.urvpn.cleanup.Interventions;
import io.urvpn.cleanup.OperationId;
import io.urvpn.cleanup.Presence;
import io.urvpn.notify.EventRecorder;
import io.urvpn.operator.CleanupScope.TakenUp;
import io.urvpn.operator.DetachDriver.OnRecord;
import io.urvpn.operator.DetachDriver.Step;
import io.urvpn.operator.InstanceScope.Result;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over an instance that is not being deleted. */
final class InstanceLife {
    private static final Logger LOG = LoggerFactory.getLogger(InstanceLife.class);

    /** After which what the API server refused is tried again. */
    private static final Duration REFUSED = Duration.ofSeconds(30);
    /** After a write that came too late. */
    private static final Duration SOON = Duration.ofMillis(50);

    private final OperatorSettings settings;
    private final ClusterCache cache;
    private final LiveReads live;
    private final ApiWrites writes;
    private final DetachDriver driver;
    private final Parallel parallel;
    private final RuntimePods pods;
    private final InstanceSuspension suspension;
    private final DryRuns dryRuns;
    private final NodePresence nodes;
    private final InstanceGathering gathering;
    private final EventRecorder events;
    private final Clock clock;

    InstanceLife(
            OperatorSettings settings,
            ClusterCache cache,
            LiveReads live,
            ApiWrites writes,
            DetachDriver driver,
            Parallel parallel,
            SilentNodes silent,
            EventRecorder events,
            Clock clock) {
        this.settings = settings;
        this.cache = cache;
        this.live = live;
        this.writes = writes;
        this.driver = driver;
        this.parallel = parallel;
        this.pods = new RuntimePods(settings, writes, parallel);
        this.suspension = new InstanceSuspension(settings, live, writes, clock);
        this.dryRuns = new DryRuns(writes, parallel);
        this.nodes = new NodePresence(cache, live, writes);
        this.gathering =
                new InstanceGathering(settings, cache, live, new DigestKey(live, writes, clock), silent, clock);
        this.events = events;
        this.clock = clock;
    }

    /** Returns when to look again where nothing else happens. */
    Optional<Duration> pass(VpnInstance cached) {
        Optional<VpnInstance> stored = live.instance(
                        cached.getMetadata().getName(), cached.getMetadata().getUid())
                .filter(instance -> !instance.isMarkedForDeletion());
        return stored.flatMap(instance -> Boolean.TRUE.equals(instance.getSpec().suspend())
                ? suspension.pass(instance)
                : pass(gathering.of(instance)));
    }

    private Optional<Duration> pass(InstanceScope scope) {
        Refusals refusals = new Refusals();
        releaseRecorded(scope);
        refusals.during(() -> takeBack(scope));
        refusals.during(() -> renewAttachments(scope));
        refusals.during(() -> createAttachments(scope));
        refusals.during(() -> changeAttachments(scope));
        refusals.during(() -> recordConfigurations(scope));
        refusals.during(() -> orderDetach(scope));
        Queue<Instant> goneAt = new ConcurrentLinkedQueue<>();
        refusals.during(() -> orderGone(scope, goneAt));
        refusals.during(() -> dryRuns.ask(scope.instance(), scope.attachments()));
        Optional<String> refused = pods.apply(scope);
        Optional<RuntimeRoll> roll = pods.roll(scope);
        List<Step> detaching = driver.drive(
                scope.uid(),
                ownDetaching(scope),
                DetachDriver.Pods.PERMITTED,
                attachment -> people(attachment, scope.now()),
                scope.now());
        refusals.during(() -> tookUp(scope, detaching));
        pods.end(scope, detaching);
        Optional<PlanProgress> dryRun = dryRuns.progress(scope.instance(), scope.attachments(), scope.now());
        Optional<Duration> next =
                writeStatus(scope, new Result(pods.pinnedImage(scope), detaching, refused, roll, dryRun), goneAt);
        refusals.raise();
        return next;
    }

    /** Those of a VpnCleanup are carried through by its own reconciler, which keeps their evidence. */
    private static List<VpnAttachment> ownDetaching(InstanceScope scope) {
        return scope.plan().detaching().stream()
                .filter(attachment -> attachment.getSpec().detach() == null
                        || OperationId.isOf(
                                attachment.getSpec().detach().operationId(),
                                attachment.getMetadata().getUid()))
                .toList();
    }

    /** What people ask of a node that is detached without a VpnCleanup stands on its attachment. */
    private static OnRecord people(VpnAttachment attachment, Instant now) {
        return new OnRecord(
                new Interventions(CleanupAnnotations.of(attachment, now).stream()
                        .map(TakenUp::intervention)
                        .toList()),
                // the instance stays, so nothing is let go before its node was read
                Optional.of(Outcome.RELEASED),
                Optional.empty());
    }

    /** A force stays on its attachment until the end is recorded; the others have done their work. */
    private void tookUp(InstanceScope scope, List<Step> detaching) {
        for (Step step : detaching) {
            List<Component> skipped = step.facts().interventions().skipped();
            if (!skipped.isEmpty()
                    && !skipped.equals(step.attachment().getSpec().skip())) {
                writes.replaceSpec(
                        step.attachment(),
                        VpnAttachmentSpecBuilder.builder(step.attachment().getSpec())
                                .skip(skipped)
                                .build());
            } else {
                CleanupAnnotations.of(step.attachment(), scope.now()).stream()
                        .filter(one -> one.intervention().kind() != InterventionKind.FORCE)
                        .forEach(one -> writes.removeAnnotation(one.on(), one.key(), one.value()));
            }
        }
    }

    /** What people say of a cleanup means nothing where none is under way, and must not lie in wait for the next one. */
    private void takeBack(InstanceScope scope) {
        Stream.concat(
                        Stream.of(scope.instance()),
                        scope.attachments().stream()
                                .filter(attachment -> attachment.getSpec().detach() == null))
                .flatMap(object -> CleanupAnnotations.of(object, scope.now()).stream())
                .forEach(one -> {
                    LOG.info(
                            "{} {}: nothing is being cleaned, so the annotation {} is taken off",
                            one.on().getKind(),
                            one.on().getMetadata().getName(),
                            one.key());
                    writes.removeAnnotation(one.on(), one.key(), one.value());
                });
    }

    /** Somebody deleted what is wanted: the object is made anew, its node keeps what it has. */
    private void renewAttachments(InstanceScope scope) {
        parallel.each(scope.plan().renew(), attachment -> {
            if (writes.release(attachment)) {
                writes.create(Attachments.of(attachment.getSpec()));
            }
        });
    }

    /** A node that no machine of ours backs any more for nodeLostAfter: the wait for it ends. */
    private void orderGone(InstanceScope scope, Queue<Instant> goneAt) {
        parallel.each(
                scope.attachments().stream()
                        .filter(attachment -> attachment.getSpec().desired() == DesiredState.ATTACHED)
                        .filter(attachment -> !attachment.isMarkedForDeletion())
                        .toList(),
                attachment -> {
                    Presence presence = nodes.of(attachment, NodePresence.machineKey(attachment), scope.now());
                    if (presence instanceof Presence.Absent(Instant since, String _)) {
                        goneAt.add(since.plus(lostAfter(scope)));
                    }
                    if (presence instanceof Presence.Absent(Instant since, String why)
                            && !scope.now().isBefore(since.plus(lostAfter(scope)))
                            && nodes.absentLive(attachment, NodePresence.machineKey(attachment))) {
                        order(scope, attachment, why);
                    }
                });
    }

    private static Duration lostAfter(InstanceScope scope) {
        return Durations.parse(scope.policy().nodeLostAfter());
    }

    private void recordConfigurations(InstanceScope scope) {
        parallel.each(
                scope.running().unrecorded(),
                entry -> writes.annotate(entry.attachment(), RunningConfigurations.ANNOTATION, entry.value()));
    }

    /** What ended and stands in the stored status may go. */
    private void releaseRecorded(InstanceScope scope) {
        Set<String> recorded = recorded(scope.instance()).stream()
                .map(Detachment::attachmentUid)
                .collect(Collectors.toSet());
        parallel.each(
                scope.plan().detaching().stream()
                        .filter(attachment ->
                                recorded.contains(attachment.getMetadata().getUid()))
                        .toList(),
                writes::release);
    }

    private static List<Detachment> recorded(VpnInstance instance) {
        return Optional.ofNullable(instance.getStatus())
                .map(VpnInstanceStatus::recentDetachments)
                .orElse(List.of());
    }

    private void createAttachments(InstanceScope scope) {
        parallel.each(scope.plan().create(), spec -> {
            pods.endStale(scope, spec.nodeName());
            writes.create(Attachments.of(spec));
        });
    }

    private void changeAttachments(InstanceScope scope) {
        parallel.each(scope.plan().change(), change -> writes.replaceSpec(change.attachment(), change.spec()));
    }

    private void orderDetach(InstanceScope scope) {
        parallel.each(scope.plan().detach(), detach -> order(scope, detach.attachment(), detach.reason()));
    }

    private void order(InstanceScope scope, VpnAttachment attachment, String reason) {
        String id = OperationId.ofGeneration(
                attachment.getMetadata().getGeneration(),
                scope.name(),
                attachment.getMetadata().getUid());
        VpnAttachmentSpec ordered = DetachDriver.ordered(
                attachment.getSpec(),
                DetachDriver.order(id, reason, ObjectNames.displayName(scope.instance()), scope.policy(), scope.now()));
        writes.replaceSpec(attachment, ordered);
    }

    private Optional<Duration> writeStatus(InstanceScope scope, Result result, Collection<Instant> goneAt) {
        VpnInstanceStatus status = InstanceStatusAggregator.status(scope, result, settings.namespace());
        boolean changed = !status.equals(scope.instance().getStatus());
        if (changed && !writes.status(scope.instance(), status)) {
            return Optional.of(SOON);
        }
        events.record(InstanceEvents.between(scope.instance(), scope.instance().getStatus(), status));
        dryRuns.tookUp(scope.instance());
        boolean recordedNow = result.detaching().stream()
                .anyMatch(step -> step.decision() instanceof DetachDecision.End
                        || step.decision() instanceof DetachDecision.Close);
        Stream<Optional<Instant>> later =
                Stream.concat(graceEnds(scope), goneAt.stream().map(Optional::of));
        Stream<Optional<Instant>> due = Stream.concat(
                result.detaching().stream().map(Step::dueAt),
                Stream.of(
                        recordedNow && changed ? Optional.of(scope.now()) : Optional.empty(),
                        result.refused().map(why -> scope.now().plus(REFUSED)),
                        result.roll().flatMap(roll -> roll.stopsAt(scope.now()))));
        return DetachDriver.until(Stream.concat(due, later), scope.now());
    }

    /** When a node that has just joined begins to count. */
    private Stream<Optional<Instant>> graceEnds(InstanceScope scope) {
        return scope.selection().wanted().stream()
                .map(cache::node)
                .flatMap(Optional::stream)
                .map(node -> Optional.of(Excuses.joined(node).plus(settings.joinGrace())))
                .filter(end -> end.get().isAfter(scope.now()));
    }
}
