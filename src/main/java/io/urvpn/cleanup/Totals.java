package io.urvpn.cleanup;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.ConfigurationVerification;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReport.ThreadVerification;
import io.urvpn.api.v1alpha1.VerificationReport.VpnVerification;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Sums an operation up over its nodes. */
public final class Totals {
    private static final int TEXT_LENGTH = 1000;

    private Totals() {}

    /** The five components over all nodes; an operation without nodes has nothing to do, so each is COMPLETED. */
    public static List<ComponentStatus> components(List<NodeCleanup> nodes, Instant operationStartedAt) {
        return Arrays.stream(Component.values())
                .map(component -> nodes.isEmpty()
                        ? nothingToDo(component, operationStartedAt)
                        : component(
                                component,
                                nodes.stream().map(n -> on(n, component)).toList()))
                .toList();
    }

    private record OnNode(String node, ComponentStatus status) {}

    private static OnNode on(NodeCleanup node, Component component) {
        List<ComponentStatus> components = node.components() == null ? List.of() : node.components();
        return new OnNode(
                node.node(),
                components.stream()
                        .filter(status -> status.component() == component)
                        .findFirst()
                        .orElse(ComponentStatus.pending(component)));
    }

    private static ComponentStatus nothingToDo(Component component, Instant at) {
        return new ComponentStatus(component, ComponentState.COMPLETED, at, at, 0L, 1, null, null);
    }

    private static ComponentStatus component(Component component, List<OnNode> nodes) {
        List<ComponentStatus> all = nodes.stream().map(OnNode::status).toList();
        ComponentState state = state(all);
        Instant started = extreme(all, ComponentStatus::startedAt, Comparator.reverseOrder());
        boolean ended = all.stream().allMatch(status -> status.completedAt() != null);
        Instant completed = ended ? extreme(all, ComponentStatus::completedAt, Comparator.naturalOrder()) : null;
        Long duration = started == null || completed == null
                ? null
                : Math.max(0, Duration.between(started, completed).toMillis());
        Integer attempt = all.stream()
                .map(ComponentStatus::attempt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
        return new ComponentStatus(
                component, state, started, completed, duration, attempt, firstError(nodes), evidence(all));
    }

    /** FAILED outweighs all: it is what somebody has to look at. What is done on some nodes only is IN_PROGRESS. */
    private static ComponentState state(List<ComponentStatus> all) {
        List<ComponentState> states =
                all.stream().map(ComponentStatus::status).distinct().toList();
        if (states.contains(ComponentState.FAILED)) {
            return ComponentState.FAILED;
        }
        if (states.size() == 1) {
            return states.getFirst();
        }
        boolean settled = states.stream().allMatch(s -> s == ComponentState.COMPLETED || s == ComponentState.SKIPPED);
        return settled ? ComponentState.COMPLETED : ComponentState.IN_PROGRESS;
    }

    private static Instant extreme(
            List<ComponentStatus> all, Function<ComponentStatus, Instant> field, Comparator<Instant> order) {
        return all.stream().map(field).filter(Objects::nonNull).max(order).orElse(null);
    }

    private static ComponentError firstError(List<OnNode> nodes) {
        return nodes.stream()
                .filter(node -> node.status().error() != null)
                .findFirst()
                .map(node -> new ComponentError(
                        node.status().error().code(),
                        cut("node " + node.node() + ": " + node.status().error().message())))
                .orElse(null);
    }

    /** Counts by sum, what must be true of each node by AND; texts of single nodes stay with their nodes. */
    private static Evidence evidence(List<ComponentStatus> all) {
        List<Evidence> each = all.stream()
                .map(ComponentStatus::evidence)
                .filter(Objects::nonNull)
                .toList();
        if (each.isEmpty()) {
            return null;
        }
        Optional<VerificationReport> report = report(
                each.stream().map(Evidence::report).filter(Objects::nonNull).toList());
        return EvidenceBuilder.builder()
                .threadId(each.stream()
                        .map(Evidence::threadId)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null))
                .stopped(and(each, Evidence::stopped))
                .rulesCleared(sum(each, Evidence::rulesCleared))
                .routesCleared(sum(each, Evidence::routesCleared))
                .vpnType(each.stream()
                        .map(Evidence::vpnType)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null))
                .disconnected(and(each, Evidence::disconnected))
                .processesEnded(sum(each, Evidence::processesEnded))
                .interfacesRemoved(sum(each, Evidence::interfacesRemoved))
                .packetFilterTablesRemoved(sum(each, Evidence::packetFilterTablesRemoved))
                .xfrmRemoved(sum(each, Evidence::xfrmRemoved))
                .connectionsRemoved(sum(each, Evidence::connectionsRemoved))
                .configSaved(and(each, Evidence::configSaved))
                .cacheSaved(and(each, Evidence::cacheSaved))
                .filesRemoved(sum(each, Evidence::filesRemoved))
                .report(report.orElse(null))
                .build();
    }

    private static Integer sum(List<Evidence> each, Function<Evidence, Integer> field) {
        return each.stream()
                .map(field)
                .filter(Objects::nonNull)
                .reduce(Integer::sum)
                .orElse(null);
    }

    private static Boolean and(List<Evidence> each, Function<Evidence, Boolean> field) {
        return each.stream()
                .map(field)
                .filter(Objects::nonNull)
                .reduce(Boolean::logicalAnd)
                .orElse(null);
    }

    /** The reports of several nodes as one: booleans by OR, counts by sum. Empty where there is none. */
    public static Optional<VerificationReport> report(List<VerificationReport> reports) {
        if (reports.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new VerificationReport(
                reports.getFirst().instanceName(),
                new ThreadVerification(
                        reports.stream().anyMatch(r -> r.thread().exists()),
                        reports.stream().anyMatch(r -> r.thread().isRunning()),
                        details(reports, r -> r.thread().details(), VerificationReport.NO_THREAD)),
                new RoutingVerification(
                        reports.stream().anyMatch(r -> r.routing().exists()),
                        reports.stream().mapToInt(r -> r.routing().ruleCount()).sum(),
                        details(reports, r -> r.routing().details(), VerificationReport.NO_ROUTING)),
                new VpnVerification(
                        reports.stream().anyMatch(r -> r.vpn().exists()),
                        reports.stream().mapToInt(r -> r.vpn().interfaceCount()).sum(),
                        details(reports, r -> r.vpn().details(), VerificationReport.NO_VPN)),
                new ConfigurationVerification(
                        reports.stream().anyMatch(r -> r.configuration().exists()),
                        details(reports, r -> r.configuration().details(), VerificationReport.NO_CONFIGURATION))));
    }

    /** What was found, each text once; the text for "nothing" only where nothing was found anywhere. */
    private static String details(
            List<VerificationReport> reports, Function<VerificationReport, String> field, String nothing) {
        String found = reports.stream()
                .map(field)
                .filter(Objects::nonNull)
                .filter(text -> !text.equals(nothing))
                .distinct()
                .collect(Collectors.joining("; "));
        return found.isEmpty() ? nothing : cut(found);
    }

    private static String cut(String text) {
        return text.length() <= TEXT_LENGTH ? text : text.substring(0, TEXT_LENGTH) + "...";
    }
}
