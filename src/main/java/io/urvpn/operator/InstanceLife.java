package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.Detachment;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.cleanup.OperationId;
import io.urvpn.operator.DetachDriver.Step;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.operator.InstanceScope.Result;
import io.urvpn.tunnel.TunnelType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One pass over an instance that is not being deleted. */
final class InstanceLife {
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
    private final Clock clock;

    InstanceLife(
            OperatorSettings settings,
            ClusterCache cache,
            LiveReads live,
            ApiWrites writes,
            DetachDriver driver,
            Parallel parallel,
            Clock clock) {
        this.settings = settings;
        this.cache = cache;
        this.live = live;
        this.writes = writes;
        this.driver = driver;
        this.parallel = parallel;
        this.pods = new RuntimePods(settings, writes, parallel);
        this.clock = clock;
    }

    /** Returns when to look again where nothing else happens. */
    Optional<Duration> pass(VpnInstance cached) {
        Optional<VpnInstance> stored = live.instance(
                        cached.getMetadata().getName(), cached.getMetadata().getUid())
                .filter(instance -> !instance.isMarkedForDeletion());
        return stored.flatMap(instance -> pass(gather(instance)));
    }

    private Optional<Duration> pass(InstanceScope scope) {
        releaseRecorded(scope);
        createAttachments(scope);
        changeAttachments(scope);
        orderDetach(scope);
        Optional<String> refused = pods.apply(scope);
        List<Step> detaching =
                driver.drive(scope.uid(), scope.plan().detaching(), DetachDriver.Pods.PERMITTED, scope.now());
        pods.end(scope, detaching);
        return writeStatus(scope, new Result(pods.pinnedImage(scope), detaching, refused));
    }

    private InstanceScope gather(VpnInstance instance) {
        Optional<TunnelType> type =
                Optional.ofNullable(instance.getSpec().type()).flatMap(TunnelType::of);
        String uid = instance.getMetadata().getUid();
        List<VpnAttachment> attachments = cache.attachments(uid);
        Selection selection = Selection.of(new Eligibility(instance.getSpec()), cache.nodes(), attachments);
        SecretName secretName = new SecretName(
                settings.namespace(), instance.getSpec().configSecretRef().name());
        Optional<Secret> secret = cache.secret(secretName.name());
        Identities identities = Identities.of(
                type.orElse(TunnelType.WIREGUARD),
                secretName,
                secret,
                type.isPresent() ? selection.wanted() : Set.of());
        return new InstanceScope(
                instance,
                CleanupPolicies.complete(instance.getSpec().cleanup(), settings.cleanup()),
                type,
                selection,
                identities,
                attachments,
                cache.daemonSet(uid),
                cache.pods(uid),
                AttachmentPlan.of(instance, selection, identities, attachments),
                clock.instant());
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
        parallel.each(scope.plan().detach(), detach -> {
            VpnAttachment attachment = detach.attachment();
            String id = OperationId.ofGeneration(
                    attachment.getMetadata().getGeneration(),
                    scope.name(),
                    attachment.getMetadata().getUid());
            VpnAttachmentSpec ordered = DetachDriver.ordered(
                    attachment.getSpec(),
                    DetachDriver.order(
                            id,
                            detach.reason(),
                            ObjectNames.displayName(scope.instance()),
                            scope.policy(),
                            scope.now()));
            writes.replaceSpec(attachment, ordered);
        });
    }

    private Optional<Duration> writeStatus(InstanceScope scope, Result result) {
        VpnInstanceStatus status = InstanceStatusAggregator.status(scope, result, settings.namespace());
        boolean changed = !status.equals(scope.instance().getStatus());
        if (changed && !writes.status(scope.instance(), status)) {
            return Optional.of(SOON);
        }
        boolean recordedNow =
                result.detaching().stream().anyMatch(step -> step.decision() instanceof DetachDecision.End);
        Stream<Optional<Instant>> due = Stream.concat(
                result.detaching().stream().map(Step::dueAt),
                Stream.of(
                        recordedNow && changed ? Optional.of(scope.now()) : Optional.empty(),
                        result.refused().map(why -> scope.now().plus(REFUSED))));
        return DetachDriver.until(due, scope.now());
    }
}
