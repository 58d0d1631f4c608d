package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.PlanAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanAnswer;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.PlanProgress;
import io.urvpn.cleanup.Interventions;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Dry runs: a person asks by an annotation on the instance, the ask is stored in its status, then each agent is asked, and
 * its answer stands in its attachment. Nothing on any node changes.
 */
final class DryRuns {
    private final ApiWrites writes;
    private final Parallel parallel;

    DryRuns(ApiWrites writes, Parallel parallel) {
        this.writes = writes;
        this.parallel = parallel;
    }

    /** What is stored as asked is asked of each node that was not asked yet. */
    void ask(VpnInstance instance, Collection<VpnAttachment> attachments) {
        stored(instance)
                .filter(plan -> plan.id() != null && plan.answered() < plan.nodes())
                .ifPresent(plan -> parallel.each(
                        attachments.stream()
                                .filter(attachment -> !asked(attachment, plan.id()))
                                .toList(),
                        attachment -> writes.replaceSpec(
                                attachment,
                                VpnAttachmentSpecBuilder.builder(attachment.getSpec())
                                        .plan(new PlanAsk(plan.id(), plan.askedAt()))
                                        .build())));
    }

    private static boolean asked(VpnAttachment attachment, String id) {
        PlanAsk ask = attachment.getSpec().plan();
        return ask != null && id.equals(ask.id());
    }

    /** How far the last one is; a new one where a person asks for it now. */
    Optional<PlanProgress> progress(VpnInstance instance, Collection<VpnAttachment> attachments, Instant now) {
        Optional<PlanProgress> before = stored(instance);
        Optional<String> value = annotation(instance);
        String id = value.map(asked -> id(instance, asked)).orElse(null);
        Optional<Intervention> asked = value.flatMap(text -> Interventions.parse(InterventionKind.DRY_RUN, text, now))
                .filter(one -> before.map(PlanProgress::id).filter(id::equals).isEmpty());
        if (asked.isPresent()) {
            return Optional.of(
                    new PlanProgress(id, asked.get().actor(), asked.get().reason(), now, attachments.size(), 0, 0));
        }
        return before.map(plan -> counted(plan, attachments));
    }

    /** An annotation is written at one version of the object: the same words later are another ask. */
    private static String id(VpnInstance instance, String value) {
        return "plan-"
                + ObjectNames.sha256(instance.getMetadata().getUid()
                                + instance.getMetadata().getResourceVersion()
                                + value)
                        .substring(0, 16);
    }

    private static PlanProgress counted(PlanProgress plan, Collection<VpnAttachment> attachments) {
        List<PlanAnswer> answers = attachments.stream()
                .map(VpnAttachment::getStatus)
                .filter(Objects::nonNull)
                .map(VpnAttachmentStatus::plan)
                .filter(answer -> answer != null && plan.id().equals(answer.id()))
                .toList();
        if (answers.size() < plan.answered()) {
            return plan;
        }
        return new PlanProgress(
                plan.id(),
                plan.actor(),
                plan.reason(),
                plan.askedAt(),
                plan.nodes(),
                answers.size(),
                answers.stream()
                        .map(PlanAnswer::total)
                        .filter(Objects::nonNull)
                        .mapToInt(Integer::intValue)
                        .sum());
    }

    /** Once the ask is stored, its annotation has done its work. */
    void tookUp(VpnInstance instance) {
        annotation(instance).ifPresent(value -> writes.removeAnnotation(instance, Names.ANNOTATION_DRY_RUN, value));
    }

    private static Optional<PlanProgress> stored(VpnInstance instance) {
        return Optional.ofNullable(instance.getStatus()).map(VpnInstanceStatus::plan);
    }

    private static Optional<String> annotation(VpnInstance instance) {
        Map<String, String> annotations = instance.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations).map(all -> all.get(Names.ANNOTATION_DRY_RUN));
    }
}
