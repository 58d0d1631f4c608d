package io.urvpn.tunnel;

/** Ends the reading of a configuration that cannot be used. Its message never holds a key's value. */
final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;

    /**
     * Says what is wrong and what would be right.
     *
     * @param line from 1; 0 where the whole is meant
     */
    Unusable(int line, String message) {
        super(message);
        this.line = line;
    }

    ConfigurationProblem problem() {
        return new ConfigurationProblem(line, getMessage());
    }
}
