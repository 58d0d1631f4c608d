package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomResourceDefinitionsTest {
    private final ApiServer server = ApiServer.running();

    @Test
    void applyingThemAgainChangesNothing() {
        for (CustomResourceDefinition definition : ApiServer.committed()) {
            CustomResourceDefinition before = stored(definition);
            CustomResourceDefinition after = ApiServer.apply(server.admin(), definition);
            assertThat(after.getMetadata().getResourceVersion())
                    .as(definition.getMetadata().getName())
                    .isEqualTo(before.getMetadata().getResourceVersion());
        }
    }

    @Test
    void theServerTakesEachSchemaAsStructuralAndServesIt() {
        for (CustomResourceDefinition definition : ApiServer.committed()) {
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

    private CustomResourceDefinition stored(CustomResourceDefinition definition) {
        return server.admin()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(definition.getMetadata().getName())
                .get();
    }
}
