package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.urvpn.api.v1alpha1.InterventionBuilder;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.cleanup.Interventions;
import io.urvpn.operator.CleanupScope.TakenUp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people ask of a cleanup by annotations: on the cleanup, on its instance, and on its attachments. */
final class CleanupAnnotations {
    private static final Logger LOG = LoggerFactory.getLogger(CleanupAnnotations.class);
    private static final Map<String, InterventionKind> KINDS = kinds();

    private final LiveReads live;
    private final Clock clock;

    CleanupAnnotations(LiveReads live, Clock clock) {
        this.live = live;
        this.clock = clock;
    }

    private static Map<String, InterventionKind> kinds() {
        Map<String, InterventionKind> kinds = new LinkedHashMap<>();
        kinds.put(Names.ANNOTATION_SKIP, InterventionKind.SKIP);
        kinds.put(Names.ANNOTATION_RETRY, InterventionKind.RETRY);
        kinds.put(Names.ANNOTATION_FORCE, InterventionKind.FORCE);
        return kinds;
    }

    /** True where the object carries one of them. */
    static boolean on(HasMetadata object) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations != null && KINDS.keySet().stream().anyMatch(annotations::containsKey);
    }

    /** All that are there now. */
    List<TakenUp> read(VpnCleanup cleanup, Collection<VpnAttachment> attachments) {
        Instant now = clock.instant();
        List<TakenUp> all = new ArrayList<>(of(cleanup, now));
        live.instance(
                        cleanup.getSpec().instance().name(),
                        cleanup.getSpec().instance().uid())
                .ifPresent(instance -> all.addAll(of(instance, now)));
        attachments.stream()
                .filter(attachment -> attachment.getSpec().detach() != null)
                .filter(attachment -> cleanup.getMetadata()
                        .getName()
                        .equals(attachment.getSpec().detach().operationId()))
                .forEach(attachment -> of(attachment, now).forEach(one -> all.add(only(one, attachment))));
        return all;
    }

    /** Of one object. */
    static List<TakenUp> of(HasMetadata object, Instant now) {
        List<TakenUp> all = new ArrayList<>();
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        if (annotations == null) {
            return all;
        }
        KINDS.forEach((key, kind) -> {
            String value = annotations.get(key);
            if (value == null) {
                return;
            }
            Interventions.parse(kind, value, now)
                    .ifPresentOrElse(
                            intervention -> all.add(new TakenUp(object, key, value, intervention)),
                            () -> LOG.warn(
                                    "{} {}: the annotation {} is not '<user name>: [<COMPONENT>@<node or *> ]<reason>'; nothing is done",
                                    object.getKind(),
                                    object.getMetadata().getName(),
                                    key));
        });
        return all;
    }

    /** What stands on an attachment is for its node. */
    static TakenUp only(TakenUp one, VpnAttachment attachment) {
        return new TakenUp(
                one.on(),
                one.key(),
                one.value(),
                InterventionBuilder.builder(one.intervention())
                        .node(attachment.getSpec().nodeName())
                        .build());
    }
}
