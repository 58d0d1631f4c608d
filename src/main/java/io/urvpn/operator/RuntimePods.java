package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.operator.DetachDriver.Step;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The DaemonSet of a living instance and its pods. */
final class RuntimePods {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimePods.class);

    /** How long a pod may have waited for its attachment before it counts as started without a configuration. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    /** What the API server, its admission or its RBAC says no to; a person has to change something. */
    private static final Set<Integer> REFUSALS =
            Set.of(HttpURLConnection.HTTP_BAD_REQUEST, HttpURLConnection.HTTP_FORBIDDEN, ApiWrites.UNPROCESSABLE);

    private final OperatorSettings settings;
    private final ApiWrites writes;
    private final Parallel parallel;
    private final RuntimeDaemonSet daemonSets;

    RuntimePods(OperatorSettings settings, ApiWrites writes, Parallel parallel) {
        this.settings = settings;
        this.writes = writes;
        this.parallel = parallel;
        this.daemonSets = new RuntimeDaemonSet(settings);
    }

    /**
     * The DaemonSet exists from the first usable configuration on, so that no pod waits for a Secret. What is missing
     * later changes nothing of it.
     *
     * @return why the API server refuses it, where it does
     */
    Optional<String> apply(InstanceScope scope) {
        if (!runs(scope)) {
            return Optional.empty();
        }
        PodConfiguration present = scope.daemonSet().map(PodConfiguration::of).orElse(PodConfiguration.NONE);
        PodConfiguration configuration =
                PodConfiguration.of(scope.identities(), scope.type().get()).orElse(present, scope.identities());
        DaemonSet wanted = daemonSets.of(scope.instance(), image(scope), configuration);
        if (scope.daemonSet()
                .filter(existing -> RuntimeDaemonSet.same(existing, wanted))
                .isPresent()) {
            return Optional.empty();
        }
        try {
            writes.apply(wanted);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (!REFUSALS.contains(e.getCode())) {
                throw e;
            }
            return Optional.of(
                    e.getStatus() == null || e.getStatus().getMessage() == null
                            ? "HTTP " + e.getCode()
                            : e.getStatus().getMessage());
        }
    }

    /** Replaces at most one pod that is not as the DaemonSet says; empty where there is none. */
    Optional<RuntimeRoll> roll(InstanceScope scope) {
        Optional<RuntimeRoll> roll = scope.daemonSet()
                .flatMap(daemonSet -> RuntimeRoll.of(
                        daemonSet,
                        scope.pods(),
                        scope.attachments(),
                        scope.running().outdated(),
                        scope.away()));
        roll.flatMap(RuntimeRoll::next).ifPresent(pod -> {
            LOG.info(
                    "{}: pod {} is replaced by a new one",
                    scope.name(),
                    pod.getMetadata().getName());
            writes.end(pod);
        });
        return roll;
    }

    /** The image that the pods run; {@code null} before there are any. */
    String pinnedImage(InstanceScope scope) {
        return scope.daemonSet().isPresent() || runs(scope) ? image(scope) : null;
    }

    private static boolean runs(InstanceScope scope) {
        return scope.type().isPresent() && scope.identities().anyUsable();
    }

    /** The one that it first came up with, until a person asks for the present one, or the settings let it roll. */
    private String image(InstanceScope scope) {
        if (settings.rollRuntimeImage() || !Objects.equals(upgrade(scope.instance()), upgraded(scope.instance()))) {
            return settings.runtimeImage();
        }
        return Optional.ofNullable(scope.instance().getStatus())
                .map(VpnInstanceStatus::runtimeImage)
                .orElse(settings.runtimeImage());
    }

    /** What a person asks for; {@code null} where nobody does. */
    static String upgrade(VpnInstance instance) {
        return Optional.ofNullable(instance.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Names.ANNOTATION_UPGRADE_RUNTIME))
                .map(value -> value.substring(0, Math.min(256, value.length())))
                .or(() -> Optional.ofNullable(upgraded(instance)))
                .orElse(null);
    }

    private static String upgraded(VpnInstance instance) {
        return Optional.ofNullable(instance.getStatus())
                .map(VpnInstanceStatus::runtimeUpgrade)
                .orElse(null);
    }

    /**
     * A pod that started while its node had no usable configuration mounted none, and never will: it is made anew. One
     * that has just been made is left alone.
     */
    void endStale(InstanceScope scope, String node) {
        boolean hadProblem =
                Optional.ofNullable(scope.instance().getStatus())
                        .map(VpnInstanceStatus::notReady)
                        .orElse(List.of())
                        .stream()
                        .anyMatch(entry -> node.equals(entry.node()) && NotReadyNodes.ofConfiguration(entry.reason()));
        scope.pods().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .filter(pod -> hadProblem || age(pod, scope.now()).compareTo(FRESH) > 0)
                .forEach(writes::end);
    }

    private static Duration age(Pod pod, Instant now) {
        return Duration.between(Instant.parse(pod.getMetadata().getCreationTimestamp()), now);
    }

    /** The DaemonSet may keep a pod whose node lost its label for a moment only: it is ended so that its node can be read. */
    void end(InstanceScope scope, List<Step> detaching) {
        List<Pod> ending = detaching.stream()
                .filter(step -> step.decision() instanceof DetachDecision.Wait wait
                        && Reasons.WAITING_FOR_PODS.equals(wait.reason()))
                .flatMap(step -> DetachDriver.awaited(step.attachment(), scope.pods(), DetachDriver.Pods.PERMITTED))
                .filter(pod -> !pod.isMarkedForDeletion())
                .toList();
        parallel.each(ending, writes::end);
    }
}
