package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.PlanProgress;
import io.urvpn.operator.DetachDriver.Step;
import io.urvpn.operator.Identities.Problem;
import io.urvpn.tunnel.TunnelType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one pass over a living instance knows and decides; gathered once, so that each phase sees the same.
 *
 * @param instance as it is stored
 * @param policy how its nodes are cleaned, complete
 * @param type what is particular to its type; empty where this version does not know it
 * @param selection nodes that it is for
 * @param identities configuration of each of them; none for a type that is not known
 * @param attachments all that it has
 * @param daemonSet that it has
 * @param pods that it has
 * @param excused nodes that do not count while their tunnel is not up: they have just joined, are not ready, or leave
 * @param away nodes that start no pod at the moment: they are not ready, or leave
 * @param silent nodes of which nothing new is heard, with what is to be said of each
 * @param running which configuration its pods have
 * @param plan what is to be done with the attachments
 * @param now the time of the pass
 */
record InstanceScope(
        VpnInstance instance,
        CleanupPolicy policy,
        Optional<TunnelType> type,
        Selection selection,
        Identities identities,
        List<VpnAttachment> attachments,
        Optional<DaemonSet> daemonSet,
        List<Pod> pods,
        Set<String> excused,
        Set<String> away,
        Map<String, Problem> silent,
        RunningConfigurations running,
        AttachmentPlan plan,
        Instant now) {

    String uid() {
        return instance.getMetadata().getUid();
    }

    String name() {
        return instance.getMetadata().getName();
    }

    /**
     * What the phases came to.
     *
     * @param runtimeImage pinned image, {@code null} before the first pod
     * @param detaching attachments on their way, with what was decided
     * @param refused why the API server does not take the DaemonSet
     * @param roll how far the replacement of the pods is; empty where none is under way
     * @param dryRun how far the last dry run is
     */
    record Result(
            String runtimeImage,
            List<Step> detaching,
            Optional<String> refused,
            Optional<RuntimeRoll> roll,
            Optional<PlanProgress> dryRun) {}
}
