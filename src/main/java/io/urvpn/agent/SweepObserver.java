package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import java.time.Duration;
import java.util.Optional;

/** Is told of each run of the sweep. */
@FunctionalInterface
public interface SweepObserver {

    /**
     * A run has ended; what it saw is on its way to the API.
     *
     * @param seen what it saw; empty where it failed as a whole
     */
    void swept(Duration took, Optional<Sweep> seen);
}
