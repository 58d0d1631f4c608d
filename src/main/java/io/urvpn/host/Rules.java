package io.urvpn.host;

import java.util.List;

/** Policy rules (RTM_*RULE of linux/fib_rules.h). */
public interface Rules {
    /** Every rule, IPv4 and IPv6, by consistent dumps. */
    List<Rule> list();

    /**
     * Adds a rule, exclusively. An equal rule of another protocol is no hindrance: both stand side by side.
     *
     * @throws HostException of kind EXISTS where the same rule stands there
     */
    void add(Rule rule);

    /** Removes exactly this rule; false where it was not there. */
    boolean delete(Rule rule);
}
