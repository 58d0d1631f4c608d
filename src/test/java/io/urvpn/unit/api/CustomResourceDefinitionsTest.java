package io.urvpn.unit.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CustomResourceDefinitionsTest {
    @Test
    void whatIsCommittedIsWhatTheRecordsSay() throws IOException {
        for (Path directory : CustomResourceDefinitions.DIRECTORIES) {
            assertThat(committed(directory))
                    .as(directory + " is not what the records say: run make generate")
                    .isEqualTo(CustomResourceDefinitions.texts());
        }
    }

    @Test
    void theReferencePageIsWrittenFromThem() {
        assertThat(ReferencePage.FILE)
                .as("is not what the definitions say: run make generate")
                .hasContent(ReferencePage.text());
    }

    @Test
    void everyFieldHasADescription() {
        List<String> without = new ArrayList<>();
        eachProperty((path, schema) -> {
            if (schema.getDescription() == null || !schema.getDescription().endsWith(".")) {
                without.add(path);
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void everyFieldOfASpecTellsItsDefault() {
        List<String> without = new ArrayList<>();
        eachProperty((path, schema) -> {
            boolean leaf =
                    schema.getProperties() == null || schema.getProperties().isEmpty();
            if (leaf && path.contains(".spec.") && !schema.getDescription().matches("(?s).*(Default: |No default).*")) {
                without.add(path);
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void everyNumberOfASpecHasARangeAndTellsIt() {
        List<String> without = new ArrayList<>();
        eachProperty((path, schema) -> {
            if (path.contains(".spec.") && "integer".equals(schema.getType())) {
                boolean bound = schema.getMinimum() != null && schema.getMaximum() != null;
                if (!bound || !schema.getDescription().contains("Range: ")) {
                    without.add(path);
                }
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void everyStringListAndMapHasABound() {
        List<String> without = new ArrayList<>();
        eachSchema((path, schema) -> {
            boolean bound = switch (schema.getType()) {
                case "string" ->
                    schema.getMaxLength() != null
                            || schema.getEnum() != null && !schema.getEnum().isEmpty()
                            || "date-time".equals(schema.getFormat());
                case "array" -> schema.getMaxItems() != null;
                case "object" -> schema.getAdditionalProperties() == null || schema.getMaxProperties() != null;
                default -> true;
            };
            if (!bound) {
                without.add(path);
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void theDescriptionOfAStringListOrMapTellsItsBound() {
        List<String> without = new ArrayList<>();
        eachProperty((path, schema) -> {
            Object bound = Stream.of(schema.getMaxLength(), schema.getMaxItems(), schema.getMaxProperties())
                    .filter(limit -> limit != null)
                    .findFirst()
                    .orElse(null);
            boolean listed = schema.getPattern() != null && schema.getPattern().matches("\\^\\([A-Za-z|]+\\)\\$");
            if (bound != null && !listed && !schema.getDescription().contains(bound.toString())) {
                without.add(path + ": " + bound);
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void everyListTellsServerSideApplyHowToMergeIt() {
        List<String> without = new ArrayList<>();
        eachSchema((path, schema) -> {
            if ("array".equals(schema.getType()) && schema.getXKubernetesListType() == null) {
                without.add(path);
            }
            if ("map".equals(schema.getXKubernetesListType())) {
                JSONSchemaProps item = schema.getItems().getSchema();
                for (String key : schema.getXKubernetesListMapKeys()) {
                    boolean given = item.getRequired().contains(key)
                            || item.getProperties().get(key).getDefault() != null;
                    if (!given) {
                        without.add(path + ": the key " + key + " is neither required nor has it a default");
                    }
                }
            }
        });
        assertThat(without).isEmpty();
    }

    private static void eachProperty(BiConsumer<String, JSONSchemaProps> visitor) {
        eachSchema((path, schema) -> {
            if (path.contains(".") && !path.endsWith("[]") && !path.endsWith("{}")) {
                visitor.accept(path, schema);
            }
        });
    }

    private static void eachSchema(BiConsumer<String, JSONSchemaProps> visitor) {
        CustomResourceDefinitions.all()
                .values()
                .forEach(definition -> walk(
                        definition.getSpec().getNames().getKind(),
                        definition
                                .getSpec()
                                .getVersions()
                                .getFirst()
                                .getSchema()
                                .getOpenAPIV3Schema(),
                        visitor));
    }

    private static void walk(String path, JSONSchemaProps schema, BiConsumer<String, JSONSchemaProps> visitor) {
        visitor.accept(path, schema);
        if (schema.getItems() != null) {
            walk(path + "[]", schema.getItems().getSchema(), visitor);
        }
        if (schema.getAdditionalProperties() != null) {
            walk(path + "{}", schema.getAdditionalProperties().getSchema(), visitor);
        }
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, property) -> walk(path + "." + name, property, visitor));
        }
    }

    private static Map<String, String> committed(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(directory)) {
            for (Path path : paths.toList()) {
                files.put(path.getFileName().toString(), Files.readString(path));
            }
        }
        return files;
    }
}
