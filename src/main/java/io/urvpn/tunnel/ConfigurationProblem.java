package io.urvpn.tunnel;

/**
 * Why a configuration cannot be used. Never holds a key's value.
 *
 * @param line the line, from 1; 0 where the whole is meant
 * @param message what is wrong and what would be right
 */
public record ConfigurationProblem(int line, String message) {
    @Override
    public String toString() {
        return line > 0 ? "line " + line + ": " + message : message;
    }
}
