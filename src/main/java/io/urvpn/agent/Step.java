package io.urvpn.agent;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.host.HostException;
import java.util.Optional;

/** One step of a detach on this node. It can run at any time and from any state; what is gone already is success. */
interface Step {

    /**
     * What a step works on.
     *
     * @param entry what the journal knows of the instance
     * @param marks by which its state is told from others'
     * @param paths its files
     * @param policy how to clean up
     * @param podsGone its pods have gone, so that no kubelet ends what is left of them
     */
    record Work(JournalEntry entry, Marks marks, InstancePaths paths, CleanupPolicy policy, boolean podsGone) {

        /** Seconds of the policy, or what the design says where it is not set. */
        int disconnectTimeoutSeconds() {
            return policy == null || policy.disconnectTimeoutSeconds() == null ? 5 : policy.disconnectTimeoutSeconds();
        }
    }

    /** What a step saw and did, and why it failed where it did. */
    record Result(Evidence evidence, Optional<ComponentError> error) {
        static Result done(Evidence evidence) {
            return new Result(evidence, Optional.empty());
        }

        static Result failed(Evidence evidence, String code, String message) {
            return new Result(evidence, Optional.of(new ComponentError(code, Words.cut(message, 1024))));
        }
    }

    /** What it is called. */
    Component component();

    /**
     * Runs it.
     *
     * @throws HostException where the node refused; the step has failed then
     */
    Result run(Work work) throws InterruptedException;
}
