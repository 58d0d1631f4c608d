package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.Rule;
import io.urvpn.host.Rules;
import java.util.ArrayList;
import java.util.List;

/**
 * Policy rules over netlink.
 *
 * <p>The kernel takes a selector that a request does not have for any value of it, in a delete and when it looks whether a
 * new rule exists (fib4_rule_compare of net/ipv4/fib_rules.c). Both are made exact here by reading the rules.
 */
public final class LinuxRules implements Rules {
    private static final boolean V4 = false;
    private static final boolean V6 = true;

    private final Netlink netlink;

    /** Over a conversation of NETLINK_ROUTE. */
    public LinuxRules(Netlink netlink) {
        this.netlink = netlink;
    }

    @Override
    public List<Rule> list() {
        List<Rule> rules = new ArrayList<>(list(V4));
        rules.addAll(list(V6));
        return rules;
    }

    /** In the kernel's order. A node without IPv6 has no IPv6 rules. */
    private List<Rule> list(boolean v6) {
        try {
            String what = v6 ? "IPv6 rules" : "IPv4 rules";
            return netlink.dump(what, RuleMessages.dump(v6), Groups.rule(v6)).stream()
                    .flatMap(message -> RuleMessages.rule(message, v6).stream())
                    .toList();
        } catch (HostException e) {
            if (v6 && e.kind() == HostException.Kind.UNSUPPORTED) {
                return List.of();
            }
            throw e;
        }
    }

    /** Where the kernel takes a narrower rule for this one, it is added all the same: there is no equal one. */
    @Override
    public void add(Rule wanted) {
        Rule rule = RuleMessages.asKept(wanted);
        try {
            try {
                netlink.change(RuleMessages.add(rule, true));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST || list(rule.v6()).contains(rule)) {
                    throw e;
                }
                netlink.change(RuleMessages.add(rule, false));
            }
        } catch (ErrnoException e) {
            throw Errno.refusal("add rule " + text(rule), e);
        }
    }

    /**
     * Removes exactly this rule. Narrower ones of the same owner, table and priority that stand before it and would be
     * taken in its place are set behind it.
     */
    @Override
    public boolean delete(Rule wanted) {
        Rule rule = RuleMessages.asKept(wanted);
        List<Rule> inTheWay = new ArrayList<>();
        for (Rule standing : list(rule.v6())) {
            if (standing.equals(rule)) {
                return delete(rule, inTheWay);
            }
            if (RuleMessages.takenFor(standing, rule)) {
                inTheWay.add(standing);
            }
        }
        return false;
    }

    private boolean delete(Rule rule, List<Rule> inTheWay) {
        for (Rule other : inTheWay) {
            if (!other.others().isEmpty()) {
                throw new HostException(
                        HostException.Kind.OTHER,
                        "delete rule " + text(rule) + ": the kernel would take another one that stands before it, "
                                + text(other) + ", which is not ours; remove that one");
            }
        }
        List<Rule> takenOut = new ArrayList<>();
        try {
            for (Rule other : inTheWay) {
                if (deleteFirst(other)) {
                    takenOut.add(other);
                }
            }
            return deleteFirst(rule);
        } finally {
            takenOut.forEach(this::add);
        }
    }

    private boolean deleteFirst(Rule rule) {
        try {
            netlink.change(RuleMessages.delete(rule));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw Errno.refusal("delete rule " + text(rule), e);
        }
    }

    private static String text(Rule rule) {
        return (rule.v6() ? "IPv6 " : "IPv4 ") + rule.priority() + ":"
                + rule.from().map(from -> " from " + from).orElse("")
                + rule.to().map(to -> " to " + to).orElse("")
                + rule.fwmark().map(mark -> " fwmark " + mark).orElse("")
                + (rule.others().isEmpty() ? "" : " " + rule.others())
                + " lookup " + rule.table() + " protocol " + rule.protocol();
    }
}
