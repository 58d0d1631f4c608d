package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the chart's pods ask for, judged by Pod Security of the API server. */
class PodSecurityTest {
    private final KubernetesClient admin = ApiServer.running().admin();

    @Test
    void theOperatorIsRestricted() throws IOException, InterruptedException {
        PodTemplateSpec template = rendered(Deployment.class).getSpec().getTemplate();
        assertThat(refusal("restricted", template)).isNull();
    }

    @Test
    void theAgentNeedsAPrivilegedNamespaceAndIsNotPrivilegedItself() throws IOException, InterruptedException {
        PodTemplateSpec template = rendered(DaemonSet.class).getSpec().getTemplate();
        assertThat(refusal("privileged", template)).isNull();
        assertThat(refusal("baseline", template)).contains("hostNetwork").contains("hostPID");

        SecurityContext container =
                template.getSpec().getContainers().getFirst().getSecurityContext();
        Capabilities capabilities = container.getCapabilities();
        assertThat(capabilities.getDrop()).containsExactly("ALL");
        assertThat(capabilities.getAdd()).containsExactly("NET_ADMIN", "NET_RAW", "SYS_PTRACE", "KILL");
        assertThat(container.getPrivileged()).isNull();
        assertThat(container.getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getReadOnlyRootFilesystem()).isTrue();
        assertThat(template.getSpec().getSecurityContext().getSeccompProfile().getType())
                .isEqualTo("RuntimeDefault");
    }

    private <T extends HasMetadata> T rendered(Class<T> type) throws IOException, InterruptedException {
        List<HasMetadata> objects = admin.load(
                        new ByteArrayInputStream(Chart.render().getBytes(StandardCharsets.UTF_8)))
                .items();
        return objects.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    /** Why a namespace of this level does not take the pod; {@code null} where it does. */
    private String refusal(String level, PodTemplateSpec template) {
        String namespace = "pod-security-" + level;
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", level)
                        .endMetadata()
                        .build())
                .serverSideApply();
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("judged")
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
        KubernetesClientException refused = catchThrowableOfType(
                KubernetesClientException.class,
                () -> admin.resource(pod).dryRun().create());
        return refused == null ? null : refused.getMessage();
    }
}
