package io.urvpn.unit.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What the generator cannot say with annotations on a record. */
final class Schemas {
    /** Lists that server-side apply merges by key, by the name of their field; every other list is atomic. */
    private static final Map<String, List<String>> LIST_KEYS = Map.of(
            "components", List.of("component"),
            "conditions", List.of("type"),
            "deliveries", List.of("kind"),
            "nodes", List.of("node"),
            "notReady", List.of("node"),
            "peers", List.of("publicKey"),
            "routes", List.of("destination", "metric"));

    /**
     * A list that one writer writes whole. Merged by key, each of its fields would be named in managedFields, which of the
     * nodes of a large operation alone takes more room than all else.
     */
    private static final Set<String> WRITTEN_WHOLE = Set.of("status.nodes");

    private final Class<? extends CustomResource<?, ?>> kind;

    Schemas(Class<? extends CustomResource<?, ?>> kind) {
        this.kind = kind;
    }

    void finish(CustomResourceDefinition definition) {
        // helm uninstall must not delete the kinds, and with them every object, while nodes still hold tunnels
        definition.getMetadata().setAnnotations(Map.of("helm.sh/resource-policy", "keep"));
        CustomResourceDefinitionVersion version =
                definition.getSpec().getVersions().getFirst();
        version.setAdditionalPrinterColumns(columns());
        JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
        root.setDescription(kind.getAnnotation(JsonClassDescription.class).value());
        if (root.getProperties().get("spec").getProperties().isEmpty()) {
            root.getProperties().remove("spec");
        } else {
            root.getProperties().get("spec").setDescription("What is wanted.");
        }
        root.getProperties().get("status").setDescription("What is there.");
        walk("", root);
    }

    /** In the order of the annotations; the generator sorts them by path. */
    private List<CustomResourceColumnDefinition> columns() {
        return Stream.of(kind.getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(column -> new CustomResourceColumnDefinitionBuilder()
                        .withName(column.name())
                        .withType(column.type().name().toLowerCase(Locale.ROOT))
                        .withJsonPath(column.jsonPath())
                        .withPriority(column.priority() == 0 ? null : column.priority())
                        .build())
                .toList();
    }

    private void walk(String path, JSONSchemaProps schema) {
        if (schema.getXKubernetesValidations() != null) {
            schema.setXKubernetesValidations(new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
        }
        if (schema.getAdditionalProperties() != null) {
            schema.setXKubernetesMapType("atomic");
            walk(path + "{}", schema.getAdditionalProperties().getSchema());
        }
        if ("array".equals(schema.getType())) {
            list(path, schema);
        }
        if (schema.getProperties() != null) {
            schema.getProperties()
                    .forEach((name, property) -> walk(path.isEmpty() ? name : path + "." + name, property));
        }
    }

    private void list(String path, JSONSchemaProps schema) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        if (name.equals("conditions")) {
            schema.getItems().setSchema(condition());
        }
        JSONSchemaProps item = schema.getItems().getSchema();
        List<String> keys = LIST_KEYS.get(name);
        if (keys == null || WRITTEN_WHOLE.contains(path)) {
            schema.setXKubernetesListType("atomic");
        } else {
            schema.setXKubernetesListType("map");
            schema.setXKubernetesListMapKeys(keys);
        }
        walk(path + "[]", item);
    }

    /** As {@code metav1.Condition}; the model's class carries neither descriptions nor bounds. */
    private static JSONSchemaProps condition() {
        return new JSONSchemaPropsBuilder()
                .withType("object")
                .withRequired("lastTransitionTime", "message", "reason", "status", "type")
                .addToProperties(
                        "lastTransitionTime",
                        new JSONSchemaPropsBuilder()
                                .withDescription("When the status last changed (RFC 3339, UTC).")
                                .withType("string")
                                .withFormat("date-time")
                                .build())
                .addToProperties("message", text("What it means, for people. At most 32768 characters.", 32768))
                .addToProperties(
                        "observedGeneration",
                        new JSONSchemaPropsBuilder()
                                .withDescription("Generation that the condition speaks of. Range: 0 and up.")
                                .withType("integer")
                                .withFormat("int64")
                                .withMinimum(0d)
                                .build())
                .addToProperties(
                        "reason", text("Reason, one of the documented constants. At most 1024 characters.", 1024))
                .addToProperties(
                        "status",
                        new JSONSchemaPropsBuilder()
                                .withDescription("True, False or Unknown.")
                                .withType("string")
                                .withEnum(
                                        TextNode.valueOf("True"),
                                        TextNode.valueOf("False"),
                                        TextNode.valueOf("Unknown"))
                                .build())
                .addToProperties("type", text("Type of the condition. At most 316 characters.", 316))
                .build();
    }

    private static JSONSchemaProps text(String description, long most) {
        return new JSONSchemaPropsBuilder()
                .withDescription(description)
                .withType("string")
                .withMaxLength(most)
                .build();
    }
}
