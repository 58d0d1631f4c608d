package io.urvpn.agent;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Removes rules, then routes, by protocol, table and priority; in all of the table, whatever interface they name. */
final class RoutingRulesClear implements Step {
    private final Host host;

    RoutingRulesClear(Host host) {
        this.host = host;
    }

    @Override
    public Component component() {
        return Component.ROUTING_RULES_CLEAR;
    }

    @Override
    public Result run(Work work) {
        List<String> details = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        List<Rule> rules =
                host.rules().list().stream().filter(work.marks()::owns).toList();
        int rulesCleared = clear(rules, host.rules()::delete, Words::of, details, refused);
        List<Route> routes =
                host.routes().list().stream().filter(work.marks()::owns).toList();
        int routesCleared = clear(routes, host.routes()::delete, Words::of, details, refused);
        var evidence = EvidenceBuilder.builder()
                .rulesCleared(rulesCleared)
                .routesCleared(routesCleared)
                .details(Lines.bounded(details))
                .build();
        return refused.isEmpty()
                ? Result.done(evidence)
                : Result.failed(evidence, ErrorCodes.KERNEL_REFUSED, Words.joined(refused, 1000));
    }

    /** One that is refused does not keep the others from going. */
    private static <T> int clear(
            List<T> all, Predicate<T> delete, Function<T, String> words, List<String> details, List<String> refused) {
        int cleared = 0;
        for (T one : all) {
            try {
                if (delete.test(one)) {
                    cleared++;
                    details.add("removed " + words.apply(one));
                }
            } catch (HostException e) {
                refused.add(words.apply(one) + ": " + e.getMessage());
            }
        }
        return cleared;
    }
}
