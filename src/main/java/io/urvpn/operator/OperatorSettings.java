package io.urvpn.operator;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.notify.MqttSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the operator is told from outside.
 *
 * @param namespace the operator's own namespace, in which pods, DaemonSets and Secrets live
 * @param runtimeImage image of the pods of an instance that comes up now
 * @param imagePullSecrets names of Secrets that pull it
 * @param runtimePriorityClass priority class of the pods of an instance; empty for none
 * @param runtimeDirectory directory on each node under which an instance has its volatile state
 * @param cleanup defaults of {@code spec.cleanup}; each field is set
 * @param enableAutoCleanup clean what the sweep finds of an instance that is gone; otherwise it is reported only
 * @param joinGrace for which a node that joined does not count in an instance's readiness
 * @param rollRuntimeImage whether a new runtime image rolls through the nodes of an instance by itself; otherwise it waits
 *     for the annotation {@code urvpn.io/upgrade-runtime}
 * @param concurrency how many objects are reconciled, and how many requests of one pass run, at the same time
 * @param leaderElection when more than one operator runs; empty for none
 * @param mqtt where messages go; empty for nowhere
 */
@RecordBuilder
public record OperatorSettings(
        String namespace,
        String runtimeImage,
        List<String> imagePullSecrets,
        Optional<String> runtimePriorityClass,
        String runtimeDirectory,
        CleanupPolicy cleanup,
        boolean enableAutoCleanup,
        Duration joinGrace,
        boolean rollRuntimeImage,
        int concurrency,
        Optional<LeaderElection> leaderElection,
        Optional<MqttSettings> mqtt) {

    /**
     * One operator acts at a time.
     *
     * @param leaseName name of the Lease in the operator's namespace
     * @param identity of this process, the pod's name
     * @param leaseDuration for which the others wait before they take over from a silent leader
     * @param renewDeadline within which the leader must renew or stop
     * @param retryPeriod between attempts
     */
    public record LeaderElection(
            String leaseName, String identity, Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {}
}
