package io.urvpn.agent;

import io.urvpn.agent.Registry.Lookup;
import io.urvpn.agent.TunnelView.TunnelState;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.VerificationAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.DetachStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusDetachStatusBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Takes one instance off this node and answers what the operator asks afterwards. Each result goes into the journal before
 * the next step begins. The steps run once for each order in each life of the agent, a verdict is read once for each
 * generation: after a restart both are done again.
 */
final class Detaching {
    private final NodeContext node;
    private final AttachmentReport report;
    private final List<Step> steps;
    private final StepRunner runner;
    private String ranFor;
    private String answered;

    Detaching(NodeContext node) {
        this.node = node;
        this.report = node.report();
        this.steps = List.of(
                new ThreadTermination(node.host()),
                new RoutingRulesClear(node.host()),
                new VpnDisconnect(node.host()),
                new ConfigurationUpdate(node.host(), node.registry()));
        this.runner = new StepRunner(node.clock(), node.settings().timing().showStepAfter());
    }

    /** One pass. */
    Duration pass(VpnAttachment attachment) throws InterruptedException {
        DetachOrder order = attachment.getSpec().detach();
        if (order == null) {
            return node.settings().timing().resync();
        }
        JournalEntry entry = entry(attachment);
        String run = attachment.getMetadata().getUid() + "/" + order.operationId();
        if (!run.equals(ranFor)) {
            entry = detach(attachment, entry, order);
            ranFor = run;
        }
        VerificationAsk ask = attachment.getSpec().verification();
        String asked = run + "/" + attachment.getMetadata().getGeneration();
        if (ask != null && !asked.equals(answered)) {
            entry = answer(attachment, entry, order, ask);
            answered = asked;
        }
        tell(attachment, entry, Reasons.DETACHING, said(entry));
        return node.settings().timing().resync();
    }

    /** The entry in the journal; where there is none, what the API kept of it, or that nothing was ever done. */
    private JournalEntry entry(VpnAttachment attachment) {
        VpnAttachmentSpec spec = attachment.getSpec();
        String uid = attachment.getMetadata().getUid();
        if (node.registry().find(spec.instance().uid()) instanceof Lookup.Known(JournalEntry known)) {
            JournalEntry entry = known.inBoot(node.identity().bootId());
            // a detach is of one attachment: what an earlier one of this instance said is not said of this one
            return uid.equals(entry.attachmentUid())
                    ? entry
                    : JournalEntryBuilder.builder(entry)
                            .attachmentName(attachment.getMetadata().getName())
                            .attachmentUid(uid)
                            .detach(null)
                            .verdict(null)
                            .build();
        }
        VpnAttachmentStatus status = attachment.getStatus();
        boolean recorded =
                status != null && node.identity().machineKey().equals(status.machineKey()) && status.table() != null;
        return JournalEntryBuilder.builder()
                .version(JournalEntry.VERSION)
                .state(recorded ? JournalEntry.State.ACTIVE : JournalEntry.State.DETACHED)
                .instance(spec.instance())
                .attachmentName(attachment.getMetadata().getName())
                .attachmentUid(uid)
                .type(spec.type())
                .interfaceName(spec.interfaceName())
                .protocol(node.settings().routeProtocol())
                .table(recorded ? status.table() : null)
                .podUids(recorded ? status.podUids() : List.of())
                .permittedPodUid(recorded ? status.permittedPodUid() : null)
                .bootId(node.identity().bootId())
                .build();
    }

    private JournalEntry detach(VpnAttachment attachment, JournalEntry before, DetachOrder order)
            throws InterruptedException {
        DetachStatus earlier = before.detach();
        JournalEntry entry = save(
                before,
                VpnAttachmentStatusDetachStatusBuilder.builder()
                        .operationId(order.operationId())
                        .startedAt(earlier == null ? node.now() : earlier.startedAt())
                        .components(earlier == null ? pending() : earlier.components())
                        .build());
        tell(attachment, entry, Reasons.DETACHING, said(entry));
        for (Step step : steps) {
            entry = skipped(attachment, step.component())
                    ? skip(entry, step.component())
                    : run(step, attachment, entry, order.policy(), false);
        }
        return save(
                entry,
                VpnAttachmentStatusDetachStatusBuilder.builder(entry.detach())
                        .stepsCompletedAt(node.now())
                        .build());
    }

    private JournalEntry run(
            Step step, VpnAttachment attachment, JournalEntry entry, CleanupPolicy policy, boolean podsGone)
            throws InterruptedException {
        Step.Work work = new Step.Work(entry, marks(entry), paths(entry), policy, podsGone);
        ComponentStatus done = runner.run(
                step,
                work,
                component(entry, step.component()),
                running -> tell(
                        attachment,
                        JournalEntryBuilder.builder(entry)
                                .detach(with(entry.detach(), running))
                                .build(),
                        Reasons.DETACHING,
                        step.component() + " is running"));
        // a step may have written the entry itself
        JournalEntry now = node.registry().find(entry.instance().uid()) instanceof Lookup.Known(JournalEntry known)
                ? known
                : entry;
        return save(now, with(now.detach(), done));
    }

    private JournalEntry answer(VpnAttachment attachment, JournalEntry before, DetachOrder order, VerificationAsk ask)
            throws InterruptedException {
        JournalEntry entry = before;
        for (Step step : steps) {
            if (skipped(attachment, step.component())) {
                entry = skip(entry, step.component());
            } else if (ask.rerun() != null && ask.rerun().contains(step.component())) {
                entry = run(step, attachment, entry, order.policy(), true);
            }
        }
        Verification.Outcome outcome = new Verification(node.host(), node.registry())
                .read(
                        entry,
                        marks(entry),
                        paths(entry),
                        asked(attachment, order.policy()),
                        name(attachment.getSpec(), order));
        Verdict verdict = new Verdict(
                order.operationId(),
                attachment.getMetadata().getUid(),
                attachment.getMetadata().getGeneration(),
                ask.attempt(),
                node.identity().machineKey(),
                node.identity().bootId(),
                node.identity().agentStartedAt(),
                node.now(),
                outcome.failed().isEmpty(),
                outcome.failed(),
                outcome.errorCode(),
                outcome.report());
        return node.registry()
                .save(JournalEntryBuilder.builder(entry).verdict(verdict).build());
    }

    private static boolean skipped(VpnAttachment attachment, Component component) {
        List<Component> skip = attachment.getSpec().skip();
        return skip != null && skip.contains(component);
    }

    /** A person has it left out: what it did before that stays on record. */
    private JournalEntry skip(JournalEntry entry, Component component) {
        ComponentStatus before = component(entry, component);
        return before.status() == ComponentState.SKIPPED
                ? entry
                : save(
                        entry,
                        with(
                                entry.detach(),
                                ComponentStatusBuilder.builder(before)
                                        .status(ComponentState.SKIPPED)
                                        .build()));
    }

    /** What is skipped is not read either. */
    private static VerifyPolicy asked(VpnAttachment attachment, CleanupPolicy policy) {
        VerifyPolicy verify = policy == null || policy.verify() == null ? VerifyPolicy.ALL : policy.verify();
        return new VerifyPolicy(
                skipped(attachment, Component.THREAD_TERMINATION) ? Boolean.FALSE : verify.threadProcesses(),
                skipped(attachment, Component.ROUTING_RULES_CLEAR) ? Boolean.FALSE : verify.routingTable(),
                skipped(attachment, Component.VPN_DISCONNECT) ? Boolean.FALSE : verify.vpnInterfaces(),
                skipped(attachment, Component.CONFIGURATION_UPDATE) ? Boolean.FALSE : verify.configurationFiles());
    }

    private static String name(VpnAttachmentSpec spec, DetachOrder order) {
        return order.instanceDisplayName() == null
                        || order.instanceDisplayName().isEmpty()
                ? spec.instance().name()
                : order.instanceDisplayName();
    }

    private JournalEntry save(JournalEntry entry, DetachStatus detach) {
        return node.registry()
                .save(JournalEntryBuilder.builder(entry).detach(detach).build());
    }

    private void tell(VpnAttachment attachment, JournalEntry entry, String reason, String message) {
        report.state(attachment, entry, Optional.empty(), TunnelState.UNKNOWN, reason, message);
    }

    private static String said(JournalEntry entry) {
        if (entry.detach().stepsCompletedAt() == null) {
            return "the steps of the detach are running";
        }
        Verdict verdict = entry.verdict();
        if (verdict == null) {
            return "the steps of the detach have run; waiting to be asked for a verification";
        }
        return Boolean.TRUE.equals(verdict.clean())
                ? "verification " + verdict.attempt() + " found nothing"
                : "verification " + verdict.attempt() + " failed: " + verdict.failed();
    }

    private static List<ComponentStatus> pending() {
        List<ComponentStatus> pending = new ArrayList<>();
        for (Component component : Component.values()) {
            if (component != Component.VERIFICATION_JOB) {
                pending.add(ComponentStatus.pending(component));
            }
        }
        return pending;
    }

    private static ComponentStatus component(JournalEntry entry, Component component) {
        return entry.detach().components().stream()
                .filter(status -> status.component() == component)
                .findFirst()
                .orElseGet(() -> ComponentStatus.pending(component));
    }

    private static DetachStatus with(DetachStatus detach, ComponentStatus changed) {
        return VpnAttachmentStatusDetachStatusBuilder.builder(detach)
                .components(detach.components().stream()
                        .map(old -> Objects.equals(old.component(), changed.component()) ? changed : old)
                        .toList())
                .build();
    }

    private Marks marks(JournalEntry entry) {
        return Marks.of(entry, node.identity().bootId());
    }

    private InstancePaths paths(JournalEntry entry) {
        return InstancePaths.of(node.settings(), entry.instance().uid());
    }
}
