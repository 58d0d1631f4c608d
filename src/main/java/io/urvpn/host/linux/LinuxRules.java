package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.Rule;
import io.urvpn.host.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** A rule, and how the kernel says it. */
    private record Standing(Rule rule, NetlinkMessage message) {}

    @Override
    public List<Rule> list() {
        return Stream.concat(standing(V4).stream(), standing(V6).stream())
                .map(Standing::rule)
                .toList();
    }

    /** In the kernel's order. A node without IPv6 has no IPv6 rules. */
    private List<Standing> standing(boolean v6) {
        try {
            String what = v6 ? "IPv6 rules" : "IPv4 rules";
            return netlink.dump(what, RuleMessages.dump(v6), Groups.rule(v6)).stream()
                    .flatMap(
                            message -> RuleMessages.rule(message, v6).map(rule -> new Standing(rule, message)).stream())
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
                boolean equal = standing(rule.v6()).stream().map(Standing::rule).anyMatch(rule::equals);
                if (e.errno() != Errno.EEXIST || equal) {
                    throw e;
                }
                netlink.change(RuleMessages.add(rule, false));
            }
        } catch (ErrnoException e) {
            throw Errno.refusal("add rule " + text(rule), e);
        }
    }

    /**
     * Removes exactly this rule, whatever its selectors. Narrower ones with its protocol, table and priority that stand before
     * it would be taken in its place; they are set behind it.
     */
    @Override
    public boolean delete(Rule wanted) {
        Rule rule = RuleMessages.asKept(wanted);
        List<Standing> all = standing(rule.v6());
        Optional<Standing> target =
                all.stream().filter(each -> each.rule().equals(rule)).findFirst();
        if (target.isEmpty()) {
            return false;
        }
        List<Standing> inTheWay = all.subList(0, all.indexOf(target.get())).stream()
                .filter(each ->
                        RuleMessages.takenFor(each.message(), target.get().message()))
                .toList();
        List<Standing> takenOut = new ArrayList<>();
        try {
            for (Standing other : inTheWay) {
                if (deleteFirst(other)) {
                    takenOut.add(other);
                }
            }
            return deleteFirst(target.get());
        } finally {
            takenOut.forEach(this::putBack);
        }
    }

    private boolean deleteFirst(Standing standing) {
        try {
            netlink.change(RuleMessages.delete(standing.message()));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw Errno.refusal("delete rule " + text(standing.rule()), e);
        }
    }

    private void putBack(Standing standing) {
        try {
            netlink.change(RuleMessages.again(standing.message()));
        } catch (ErrnoException e) {
            throw Errno.refusal("put rule back " + text(standing.rule()), e);
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
