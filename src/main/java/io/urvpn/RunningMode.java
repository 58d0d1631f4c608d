package io.urvpn;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** The mode that runs in this process, for the probes. */
@ApplicationScoped
class RunningMode {
    private volatile Mode mode;

    void is(Mode running) {
        mode = running;
    }

    Optional<Mode> get() {
        return Optional.ofNullable(mode);
    }
}
