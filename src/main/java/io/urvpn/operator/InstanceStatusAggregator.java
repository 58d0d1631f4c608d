package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.RepairStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.Detachment;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NodeCounts;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.cleanup.DetachDecision;
import io.urvpn.operator.DetachDriver.Step;
import io.urvpn.operator.Identities.Problem;
import io.urvpn.operator.InstanceScope.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Sums an instance that is not being deleted up over its nodes. Pure. */
final class InstanceStatusAggregator {
    private static final int NOT_READY = 20;
    private static final int DETACHMENTS = 10;

    private InstanceStatusAggregator() {}

    static VpnInstanceStatus status(InstanceScope scope, Result result, String namespace) {
        VpnInstanceStatus before = scope.instance().getStatus();
        List<NotReadyNode> notReady = NotReadyNodes.of(scope, namespace);
        int wanted = scope.selection().wanted().size();
        NodeCounts counts = new NodeCounts(wanted, scope.attachments().size(), wanted - notReady.size());
        return VpnInstanceStatusBuilder.builder()
                .observedGeneration(scope.instance().getMetadata().getGeneration())
                .conditions(conditions(scope, result, counting(scope, notReady), counts))
                .interfaceName(ObjectNames.interfaceName(scope.instance()))
                .runtimeImage(result.runtimeImage())
                .runtimeUpgrade(result.runtimeImage() == null ? null : RuntimePods.upgrade(scope.instance()))
                .nodes(counts)
                .notReady(notReady.isEmpty() ? null : notReady.subList(0, Math.min(NOT_READY, notReady.size())))
                .repairs(repairs(scope.attachments()))
                .recentDetachments(
                        detachments(before == null ? null : before.recentDetachments(), scope, result.detaching()))
                .plan(result.dryRun().orElse(null))
                .build();
    }

    private static List<NotReadyNode> counting(InstanceScope scope, List<NotReadyNode> notReady) {
        return notReady.stream()
                .filter(node -> !scope.excused().contains(node.node()))
                .toList();
    }

    private static List<Condition> conditions(
            InstanceScope scope, Result result, List<NotReadyNode> notReady, NodeCounts counts) {
        VpnInstanceStatus before = scope.instance().getStatus();
        Conditions conditions = new Conditions(
                before == null ? null : before.conditions(),
                scope.instance().getMetadata().getGeneration(),
                scope.now());
        Optional<Problem> problem = problem(scope, result, notReady);
        boolean ready = notReady.isEmpty() && scope.type().isPresent();
        if (ready) {
            boolean any = counts.desired() > 0;
            conditions.set(
                    Reasons.READY,
                    true,
                    any ? Reasons.UP : Reasons.NO_NODES_SELECTED,
                    any
                            ? "the tunnel is up on " + counts.ready() + " of " + counts.desired() + " nodes"
                            : "no node has the labels of spec.nodeSelector, or each has a taint that is not tolerated");
        } else {
            Problem why = problem.orElseGet(() -> waiting(notReady, counts));
            conditions.set(Reasons.READY, false, why.reason(), why.message());
        }
        List<Step> detaching = result.detaching().stream()
                .filter(step -> !absent(step.decision()))
                .toList();
        boolean underWay = (!ready && problem.isEmpty())
                || !detaching.isEmpty()
                || result.roll().isPresent();
        Problem waiting = detaching.isEmpty()
                ? result.roll()
                        .map(roll -> new Problem(
                                roll.stopped(scope.now()) ? Reasons.ROLL_STOPPED : Reasons.ROLLING, roll.message()))
                        .orElseGet(() -> waiting(notReady, counts))
                : new Problem(Reasons.DETACHING, detaching(detaching));
        conditions.set(
                Reasons.RECONCILING,
                underWay,
                underWay ? waiting.reason() : Reasons.SETTLED,
                underWay ? waiting.message() : "nothing is under way");
        conditions.set(
                Reasons.STALLED,
                problem.isPresent(),
                problem.map(Problem::reason).orElse(Reasons.SETTLED),
                problem.map(Problem::message).orElse("nothing needs a person"));
        return conditions.list();
    }

    /** A node that left with its cluster's autoscaler is no work under way. */
    private static boolean absent(DetachDecision decision) {
        return decision instanceof DetachDecision.Close
                || (decision instanceof DetachDecision.Wait wait && Reasons.NODE_ABSENT.equals(wait.reason()));
    }

    /** What a person has to put right, the most general first. */
    private static Optional<Problem> problem(InstanceScope scope, Result result, List<NotReadyNode> notReady) {
        if (scope.type().isEmpty()) {
            return Optional.of(new Problem(Reasons.UNSUPPORTED_TYPE, NotReadyNodes.UNSUPPORTED));
        }
        if (result.refused().isPresent()) {
            return Optional.of(new Problem(
                    Reasons.INVALID_CONFIGURATION,
                    "the API server does not take the DaemonSet of the tunnel's pods: "
                            + result.refused().get()));
        }
        Optional<Problem> configuration = scope.identities().problems().entrySet().stream()
                .filter(problem -> !scope.excused().contains(problem.getKey()))
                .map(Map.Entry::getValue)
                .min(Comparator.comparing(problem -> problem.reason().equals(Reasons.SECRET_KEY_MISSING)));
        if (configuration.isPresent()) {
            return configuration;
        }
        return notReady.stream()
                .filter(NotReadyNodes::needsAPerson)
                .findFirst()
                .map(node -> new Problem(node.reason(), "node " + node.node() + ": " + node.message()));
    }

    private static Problem waiting(List<NotReadyNode> notReady, NodeCounts counts) {
        if (notReady.isEmpty()) {
            return new Problem(Reasons.SETTLED, "nothing is under way");
        }
        Set<String> reasons = notReady.stream().map(NotReadyNode::reason).collect(Collectors.toSet());
        NotReadyNode first = notReady.getFirst();
        return new Problem(
                reasons.size() == 1 ? first.reason() : Reasons.NODES_NOT_READY,
                counts.ready() + " of " + counts.desired() + " nodes are ready; node " + first.node() + ": "
                        + first.message());
    }

    private static String detaching(List<Step> detaching) {
        return "detaching "
                + detaching.stream()
                        .map(step -> step.attachment().getSpec().nodeName())
                        .sorted()
                        .limit(5)
                        .collect(Collectors.joining(", "))
                + (detaching.size() > 5 ? " and " + (detaching.size() - 5) + " more" : "");
    }

    private static RepairStatus repairs(Collection<VpnAttachment> attachments) {
        List<RepairStatus> each = attachments.stream()
                .map(VpnAttachment::getStatus)
                .filter(Objects::nonNull)
                .map(VpnAttachmentStatus::repairs)
                .filter(repairs -> repairs != null && repairs.count() != null)
                .toList();
        if (each.isEmpty()) {
            return null;
        }
        Optional<RepairStatus> last = each.stream()
                .filter(repairs -> repairs.lastAt() != null)
                .max(Comparator.comparing(RepairStatus::lastAt));
        return new RepairStatus(
                each.stream().mapToLong(RepairStatus::count).sum(),
                last.map(RepairStatus::last).orElse(null),
                last.map(RepairStatus::lastAt).orElse(null));
    }

    /**
     * The newest first. An attachment goes only when it stands here, so one that still exists is not pushed out: what
     * does not fit waits for the next pass.
     */
    private static List<Detachment> detachments(List<Detachment> before, InstanceScope scope, List<Step> detaching) {
        List<Detachment> known = before == null ? List.of() : before;
        Set<String> knownUids = known.stream().map(Detachment::attachmentUid).collect(Collectors.toSet());
        Set<String> living = scope.attachments().stream()
                .map(attachment -> attachment.getMetadata().getUid())
                .collect(Collectors.toCollection(HashSet::new));
        long held = known.stream()
                .filter(entry -> living.contains(entry.attachmentUid()))
                .count();
        List<Detachment> all = new ArrayList<>();
        detaching.stream()
                .filter(step -> step.decision() instanceof DetachDecision.End
                        || (step.decision() instanceof DetachDecision.Close close
                                && close.outcome() != Outcome.RELEASED))
                .filter(step ->
                        !knownUids.contains(step.attachment().getMetadata().getUid()))
                .limit(DETACHMENTS - held)
                .forEach(step -> all.add(detachment(step, scope)));
        int places = DETACHMENTS - all.size();
        known.stream().filter(entry -> living.contains(entry.attachmentUid())).forEach(all::add);
        known.stream()
                .filter(entry -> !living.contains(entry.attachmentUid()))
                .limit(Math.max(0, places - held))
                .forEach(all::add);
        all.sort(Comparator.comparing(Detachment::endedAt).reversed());
        return all.isEmpty() ? null : all;
    }

    private static Detachment detachment(Step step, InstanceScope scope) {
        Outcome outcome = step.decision() instanceof DetachDecision.Close close
                ? close.outcome()
                : ((DetachDecision.End) step.decision()).outcome();
        Integer attempts = step.facts()
                .status()
                .map(VpnAttachmentStatus::verdict)
                .map(Verdict::attempt)
                .orElse(0);
        return new Detachment(
                step.attachment().getSpec().nodeName(),
                step.attachment().getSpec().detach().operationId(),
                step.attachment().getSpec().detach().reason(),
                outcome,
                scope.now(),
                attempts,
                step.attachment().getMetadata().getUid(),
                step.facts().machineKey().orElse(null),
                step.facts().interventions().last(InterventionKind.FORCE).orElse(null));
    }
}
