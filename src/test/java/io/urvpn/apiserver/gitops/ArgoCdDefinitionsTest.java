package io.urvpn.apiserver.gitops;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.urvpn.apiserver.api.ApiServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The examples for Argo CD, as an API server with its definitions takes them. */
class ArgoCdDefinitionsTest {
    private static final KubernetesClient ADMIN = ApiServer.running().admin();

    private static CustomResourceDefinition definition;

    @BeforeAll
    static void install() throws IOException {
        Path definitions = Path.of(
                HealthTool.run(List.of("e2e/gitops/argocd-definitions"), "").strip());
        try (InputStream file = Files.newInputStream(definitions.resolve("application-crd.yaml"))) {
            definition = ADMIN.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .load(file)
                    .create();
        }
        eventually(() -> assertThat(ADMIN.genericKubernetesResources("argoproj.io/v1alpha1", "Application")
                        .inNamespace("default")
                        .list()
                        .getItems())
                .isEmpty());
    }

    @AfterAll
    static void remove() {
        ADMIN.resource(definition).delete();
    }

    private static List<HasMetadata> applications() throws IOException {
        try (InputStream file = Files.newInputStream(Path.of("deploy/gitops/argocd/applications.yaml"))) {
            return ADMIN.load(file).items();
        }
    }

    private static void take(HasMetadata application) {
        ADMIN.resource(application)
                .inNamespace("default")
                .dryRun()
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .create();
    }

    @Test
    void eachApplicationIsTakenWhole() throws IOException {
        assertThat(applications()).hasSize(2).allSatisfy(ArgoCdDefinitionsTest::take);
    }

    @Test
    void aFieldThatTheDefinitionLacksIsRefused() throws IOException {
        GenericKubernetesResource wrong =
                (GenericKubernetesResource) applications().getFirst();
        wrong.setAdditionalProperty("spec", Map.of("projekt", "default"));
        assertThatThrownBy(() -> take(wrong)).hasMessageContaining("projekt");
    }
}
