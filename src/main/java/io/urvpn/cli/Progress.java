package io.urvpn.cli;

import io.urvpn.api.v1alpha1.VpnCleanup;
import java.util.Optional;

/** Shows how far an operation is. */
interface Progress extends AutoCloseable {
    /**
     * Takes what was just read.
     *
     * @param cleanup empty where there is none yet
     */
    void show(Optional<VpnCleanup> cleanup);

    /** Says a line that stays. */
    void say(String line);

    /** Leaves what was shown last. */
    @Override
    void close();
}
