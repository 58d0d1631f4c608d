package io.urvpn.chart;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * JSON schemas of all kinds that an API server knows, made from the OpenAPI v3 documents that it publishes
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3), in files as kubeconform looks for them. Of a kind
 * there is one file, in which all that it refers to stands too.
 */
final class ApiSchemas {
    /** The files' names, in the words of kubeconform's {@code -schema-location}. */
    static final String FILES = "{{.ResourceKind}}_{{.Group}}_{{.ResourceAPIVersion}}.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COMPONENTS = "#/components/schemas/";
    private static final List<String> COMBINATIONS = List.of("allOf", "anyOf", "oneOf");
    private static final List<String> OURS = List.of("VpnInstance", "VpnAttachment", "VpnCleanup", "VpnNode");
    private static final String GROUP_VERSION_KIND = "x-kubernetes-group-version-kind";

    private ApiSchemas() {}

    /** Writes them into that directory, our kinds' too: the server describes them a moment after it has taken them. */
    static void write(KubernetesClient client, Path directory) throws IOException {
        await("each of our kinds is described")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(60))
                .until(() -> ours(client).containsAll(OURS));
        JsonNode paths = JSON.readTree(client.raw("/openapi/v3")).path("paths");
        for (Iterator<String> names = paths.fieldNames(); names.hasNext(); ) {
            String path = names.next();
            if (path.startsWith("api/") || path.startsWith("apis/")) {
                // without the hash that the index gives, it is the document of this moment
                document(JSON.readTree(client.raw("/openapi/v3/" + path)), directory);
            }
        }
    }

    private static List<String> ours(KubernetesClient client) throws IOException {
        return JSON.readTree(client.raw("/openapi/v3/apis/urvpn.io/v1alpha1")).findValues(GROUP_VERSION_KIND).stream()
                .map(kinds -> kinds.path(0).path("kind").asText())
                .toList();
    }

    private static void document(JsonNode document, Path directory) throws IOException {
        JsonNode schemas = document.at("/components/schemas");
        for (Iterator<String> names = schemas.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            JsonNode kinds = schemas.get(name).path(GROUP_VERSION_KIND);
            // what all groups share, such as DeleteOptions, names many
            if (kinds.size() == 1) {
                Files.writeString(
                        directory.resolve(file(kinds.get(0))),
                        standalone(name, schemas).toString());
            }
        }
    }

    private static String file(JsonNode kind) {
        String version = kind.path("version").asText();
        String group = kind.path("group").asText();
        return "%s_%s_%s.json"
                .formatted(
                        kind.path("kind").asText().toLowerCase(Locale.ROOT),
                        group.isEmpty() ? version : group,
                        version);
    }

    private static ObjectNode standalone(String name, JsonNode schemas) {
        ObjectNode file = JSON.createObjectNode();
        file.put("$schema", "http://json-schema.org/draft-07/schema#");
        file.putArray("allOf").addObject().put("$ref", COMPONENTS + name);
        gather(name, schemas, file.putObject("components").putObject("schemas"));
        return file;
    }

    /** Copies a schema, and those that it refers to. */
    private static void gather(String name, JsonNode schemas, ObjectNode gathered) {
        if (!gathered.has(name)) {
            JsonNode schema = schemas.get(name).deepCopy();
            gathered.set(name, schema);
            Set<String> references = new HashSet<>();
            adapt(schema, references);
            references.forEach(reference -> gather(reference.substring(COMPONENTS.length()), schemas, gathered));
        }
    }

    /**
     * Closes each object whose fields are listed, as the server's strict field validation does, and says {@code nullable} as
     * JSON schema has it.
     */
    private static void adapt(JsonNode schema, Set<String> references) {
        if (!(schema instanceof ObjectNode object)) {
            return;
        }
        if (object.has("properties")
                && !object.has("additionalProperties")
                && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            object.put("additionalProperties", false);
        }
        if (object.path("nullable").asBoolean() && object.path("type").isTextual()) {
            object.set("type", JSON.createArrayNode().add(object.get("type")).add("null"));
        }
        if (object.has("$ref")) {
            references.add(object.get("$ref").asText());
        }
        object.path("properties").forEach(field -> adapt(field, references));
        adapt(object.path("additionalProperties"), references);
        adapt(object.path("items"), references);
        COMBINATIONS.forEach(word -> object.path(word).forEach(part -> adapt(part, references)));
    }
}
