package io.urvpn.unit.docs;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The values of the chart, as {@code --set} names them. */
final class ChartValues {
    static final Path FILE = Path.of("helm/ur-vpn-operator/values.yaml");

    private final JsonNode values;

    ChartValues() {
        try {
            values = new KubernetesSerialization().unmarshal(Files.readString(FILE), JsonNode.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is such a value, or one that takes what is below it as it is: {@code tables.first}, {@code agent.env[0].name}. */
    boolean has(String path) {
        JsonNode node = values;
        for (String name : path.split("[.\\[]")) {
            if (node.isArray() || node.isObject() && node.isEmpty()) {
                return true;
            }
            node = node.path(name);
            if (node.isMissingNode()) {
                return false;
            }
        }
        return true;
    }

    /** All of them, with their defaults. */
    JsonNode root() {
        return values;
    }

    /** Names of the values at the top. */
    Stream<String> top() {
        return values.properties().stream().map(entry -> entry.getKey());
    }
}
