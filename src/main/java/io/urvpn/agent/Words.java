package io.urvpn.agent;

import io.urvpn.host.Link;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmState;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the things of a node are named for people; close to what ip(8) prints. */
final class Words {
    private Words() {}

    static String of(Route route) {
        return "route " + route.destination() + " table " + route.table() + " proto " + route.protocol() + " metric "
                + route.metric();
    }

    static String of(Rule rule) {
        return (rule.v6() ? "IPv6" : "IPv4") + " rule " + rule.priority() + ": from "
                + rule.from().map(Object::toString).orElse("all")
                + rule.to().map(to -> " to " + to).orElse("")
                + rule.fwmark()
                        .map(mark -> " fwmark 0x" + Long.toHexString(mark))
                        .orElse("")
                + (rule.others().isEmpty() ? "" : " " + rule.others())
                + " lookup " + rule.table() + " proto " + rule.protocol();
    }

    static String of(XfrmPolicy policy) {
        return "XFRM policy " + policy.direction().name().toLowerCase(Locale.ROOT) + " "
                + policy.selector().source() + " to " + policy.selector().destination()
                + (policy.ifId() == 0 ? "" : " if_id " + policy.ifId())
                + policy.templates().stream()
                        .map(template -> " reqid " + template.reqid())
                        .distinct()
                        .collect(Collectors.joining());
    }

    static String of(XfrmState state) {
        return "XFRM state " + state.source().host() + " to "
                + state.destination().host() + " SPI 0x"
                + Long.toHexString(state.spi()) + " reqid " + state.reqid()
                + (state.ifId() == 0 ? "" : " if_id " + state.ifId());
    }

    static String of(Link link) {
        return "interface " + link.name() + " (index " + link.index()
                + (link.kind().isEmpty() ? "" : ", " + link.kind()) + ")";
    }

    static String of(NodeProcess process) {
        return "process " + process.pid() + " (" + process.name() + ")"
                + process.podUid().map(uid -> " of pod " + uid).orElse(" with our mark in its environment");
    }

    /** Joined by "; " within a bound; the end says how many more there were. */
    static String joined(List<String> parts, int bound) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            String next = (i == 0 ? "" : "; ") + parts.get(i);
            String rest = "; and " + (parts.size() - i) + " more";
            if (text.length() + next.length() > bound - (i == parts.size() - 1 ? 0 : rest.length())) {
                return cut(text + (i == 0 ? rest.substring(2) : rest), bound);
            }
            text.append(next);
        }
        return text.toString();
    }

    static String cut(String text, int bound) {
        return text.length() <= bound ? text : text.substring(0, bound - 3) + "...";
    }
}
