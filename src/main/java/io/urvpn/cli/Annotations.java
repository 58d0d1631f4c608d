package io.urvpn.cli;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.Names;
import java.util.Map;

/** The annotations by which a person steps in, in the name of who is calling. */
final class Annotations {
    private Annotations() {}

    /**
     * Writes one.
     *
     * @param target {@code <COMPONENT>@<node or *>}, or empty
     */
    static void write(KubernetesClient client, HasMetadata on, String verb, String target, String reason) {
        String value = caller(client) + ": " + (target.isEmpty() ? "" : target + " ") + reason;
        client.resource(on)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        client.getKubernetesSerialization()
                                .asJson(Map.of(
                                        "metadata", Map.of("annotations", Map.of(Names.GROUP + "/" + verb, value)))));
    }

    /** Whom the API server takes the caller for. */
    private static String caller(KubernetesClient client) {
        return client.resource(new SelfSubjectReviewBuilder().build())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }
}
