package io.urvpn.operator;

/** Keeps what one phase of a pass was refused until the others have run and the status is written. */
final class Refusals {
    private RuntimeException first;

    /** Runs a phase. */
    void during(Runnable phase) {
        try {
            phase.run();
        } catch (RuntimeException e) {
            if (first == null) {
                first = e;
            } else {
                first.addSuppressed(e);
            }
        }
    }

    /** Throws what was refused, if anything was: the pass is then tried again. */
    void raise() {
        if (first != null) {
            throw first;
        }
    }
}
