package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.client.KubernetesClientException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What the API server answers to a write that it does not take. */
final class Refusal {
    private Refusal() {}

    /** The write is refused as invalid (422), and the message has each of the texts: the field and what is wrong. */
    static void invalid(ThrowingCallable write, String... texts) {
        KubernetesClientException refused = catchThrowableOfType(KubernetesClientException.class, write);
        assertThat(refused).as("the write was taken").isNotNull();
        assertThat(refused.getMessage()).contains(texts);
        assertThat(refused.getCode()).isEqualTo(422);
    }

    /** The write is refused as forbidden (403) or invalid, by a policy, and the message has each of the texts. */
    static void byPolicy(ThrowingCallable write, String... texts) {
        KubernetesClientException refused = catchThrowableOfType(KubernetesClientException.class, write);
        assertThat(refused).as("the write was taken").isNotNull();
        assertThat(refused.getMessage()).contains("ValidatingAdmissionPolicy").contains(texts);
        assertThat(refused.getCode()).isIn(403, 422);
    }
}
