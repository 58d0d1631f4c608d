package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomResourceDefinitionsTest {
    private final ApiServer server = ApiServer.running();

    @Test
    void applyingThemAgainChangesNothing() {
        for (GenericKubernetesResource definition : ApiServer.committed()) {
            String before =
                    ApiServer.apply(server.admin(), definition).getMetadata().getResourceVersion();
            assertThat(ApiServer.apply(server.admin(), definition).getMetadata().getResourceVersion())
                    .as(definition.getMetadata().getName())
                    .isEqualTo(before);
        }
    }

    @Test
    void theServerTakesEachSchemaAsStructuralAndServesIt() {
        for (GenericKubernetesResource definition : ApiServer.committed()) {
            assertThat(stored(definition).getStatus().getConditions())
                    .as(definition.getMetadata().getName())
                    .noneMatch(condition -> "NonStructuralSchema".equals(condition.getType()))
                    .anyMatch(condition ->
                            "Established".equals(condition.getType()) && "True".equals(condition.getStatus()))
                    .anyMatch(condition ->
                            "NamesAccepted".equals(condition.getType()) && "True".equals(condition.getStatus()));
        }
    }

    @Test
    void eachKindIsInTheCategoryAndHasAShortName() {
        List<String> shortNames = ApiServer.committed().stream()
                .map(this::stored)
                .peek(definition -> assertThat(definition.getSpec().getNames().getCategories())
                        .containsExactly("urvpn"))
                .flatMap(definition -> definition.getSpec().getNames().getShortNames().stream())
                .toList();
        assertThat(shortNames).containsExactlyInAnyOrder("vpn", "vpnatt", "vpnclean", "vpnn");
    }

    private CustomResourceDefinition stored(GenericKubernetesResource definition) {
        return server.admin()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(definition.getMetadata().getName())
                .get();
    }
}
