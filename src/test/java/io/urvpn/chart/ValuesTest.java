package io.urvpn.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.apiserver.api.Chart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each value of the chart is explained, checked, and tried with something else than its default. */
class ValuesTest {
    private static final Path VALUES = Chart.DIRECTORY.resolve("values.yaml");

    /** What helm hands to all charts of a family; nothing of ours. */
    private static final String GLOBAL = "global";

    private static final JsonNode SCHEMA = json(Chart.DIRECTORY.resolve("values.schema.json"));

    private static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each group of values, by its path: the object with all values has an empty one. */
    static Stream<String> groups() {
        List<String> groups = new ArrayList<>();
        gather("", SCHEMA, groups, new TreeMap<>());
        return groups.stream();
    }

    /** Schemas of all values that are no group, by their paths. */
    private static Map<String, JsonNode> described() {
        Map<String, JsonNode> values = new TreeMap<>();
        gather("", SCHEMA, new ArrayList<>(), values);
        return values;
    }

    private static void gather(String path, JsonNode schema, List<String> groups, Map<String, JsonNode> values) {
        if (!schema.has("properties")) {
            values.put(path, schema);
            return;
        }
        groups.add(path);
        schema.path("properties").properties().forEach(field -> {
            if (!GLOBAL.equals(field.getKey())) {
                gather(below(path, field.getKey()), field.getValue(), groups, values);
            }
        });
    }

    private static String below(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The values of that file, by the paths that the schema knows; what it does not know, by the path of each leaf. */
    private static Map<String, Object> given(Path file) throws IOException {
        Map<String, Object> values = new TreeMap<>();
        flatten("", Serialization.kubernetes().unmarshal(Files.readString(file), Map.class), described(), values);
        return values;
    }

    private static void flatten(
            String path, Object value, Map<String, JsonNode> described, Map<String, Object> values) {
        if (value instanceof Map<?, ?> map && !map.isEmpty() && !described.containsKey(path)) {
            map.forEach((key, below) -> flatten(below(path, (String) key), below, described, values));
        } else {
            values.put(path, value);
        }
    }

    @ParameterizedTest
    @MethodSource("groups")
    void aKeyThatIsNoneIsRefusedByItsNameAndPlace(String group) throws IOException, InterruptedException {
        Chart.Run run = Chart.helm(
                List.of("template", "x", Chart.DIRECTORY.toString(), "--set", below(group, "unknwon") + "=1"));
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.output())
                .contains("at '" + (group.isEmpty() ? "" : "/" + group.replace('.', '/')) + "'", "'unknwon'");
    }

    @Test
    void theSchemaDescribesTheValuesThatThereAre() throws IOException {
        assertThat(described().keySet()).isEqualTo(given(VALUES).keySet());
    }

    @Test
    void eachValueStandsInTheFullValuesWithSomethingElseThanItsDefault() throws IOException {
        Map<String, Object> full = given(Rendered.full());
        Map<String, Object> defaults = given(VALUES);
        assertThat(full.keySet()).isEqualTo(defaults.keySet());
        assertThat(full.keySet()).noneMatch(path -> Objects.equals(full.get(path), defaults.get(path)));
    }

    @Test
    void eachValueHasAComment() throws IOException {
        assertThat(Comments.missingIn(Files.readAllLines(VALUES), described().keySet()))
                .as("values of %s without a comment above them or behind them", VALUES)
                .isEmpty();
    }

    /** Each part of the schema, by its path. */
    private static Map<String, JsonNode> parts(String path, JsonNode of) {
        Map<String, JsonNode> parts = new TreeMap<>(Map.of(path, of));
        of.properties().forEach(field -> parts.putAll(parts(path + "/" + field.getKey(), field.getValue())));
        return parts;
    }

    @Test
    void noObjectTakesWhatTheSchemaDoesNotName() {
        assertThat(parts("", SCHEMA).entrySet().stream()
                        .filter(part -> part.getValue().path("type").toString().contains("\"object\""))
                        // what a value takes from a definition is said there
                        .filter(part -> !part.getValue().has("additionalProperties")
                                && !part.getValue().has("allOf"))
                        .map(Map.Entry::getKey))
                // the latter is ur-vpn-manager's file, which the operator reads and names what is wrong in it
                .containsExactlyInAnyOrder("/properties/" + GLOBAL, "/properties/cleanupConfig");
    }

    @Test
    void eachValueIsDescribedInTheSchema() {
        assertThat(described().entrySet().stream()
                        .filter(value ->
                                value.getValue().path("description").asText().isBlank())
                        .map(Map.Entry::getKey))
                .isEmpty();
    }
}
