package io.urvpn.agent;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.PlanAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanAnswer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Answers to dry runs by attachment, until the API has them: a status is written whole, and each must have its answer. */
final class PlanAnswers {
    private final Map<String, PlanAnswer> answers = new ConcurrentHashMap<>();

    /** The answer to what is asked now: of this life of the agent, or as the API has it. */
    Optional<PlanAnswer> to(VpnAttachment attachment) {
        PlanAsk ask = attachment.getSpec().plan();
        if (ask == null) {
            return Optional.empty();
        }
        PlanAnswer stored =
                attachment.getStatus() == null ? null : attachment.getStatus().plan();
        return Optional.ofNullable(answers.get(attachment.getMetadata().getUid()))
                .or(() -> Optional.ofNullable(stored))
                .filter(answer -> ask.id().equals(answer.id()));
    }

    void put(VpnAttachment attachment, PlanAnswer answer) {
        answers.put(attachment.getMetadata().getUid(), answer);
    }

    /** The attachment has gone. */
    void forget(String attachmentUid) {
        answers.remove(attachmentUid);
    }
}
