package io.urvpn.apiserver.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The messages that docs/mqtt.md shows, by the heading above each. */
final class MqttPage {
    private static final Pattern MESSAGE =
            Pattern.compile("^### ([^\n]+)\n(?:(?!^#)[\\s\\S])*?```json\n([\\s\\S]*?)```", Pattern.MULTILINE);
    private static final ObjectMapper JSON = new ObjectMapper();

    private MqttPage() {}

    static JsonNode message(String heading) throws IOException {
        Matcher message = MESSAGE.matcher(Files.readString(Path.of("docs/mqtt.md")));
        while (message.find()) {
            if (message.group(1).equals(heading)) {
                return JSON.readTree(message.group(2));
            }
        }
        throw new AssertionError("docs/mqtt.md shows no message under the heading " + heading);
    }

    /** Each leaf by its path, in the order of the text, with its type in the place of its value. */
    static Map<String, String> shape(JsonNode message) {
        Map<String, String> shape = new TreeMap<>();
        walk("", message, shape);
        return shape;
    }

    private static void walk(String path, JsonNode node, Map<String, String> shape) {
        if (node.isObject()) {
            node.properties().forEach(one -> walk(path + "/" + one.getKey(), one.getValue(), shape));
        } else if (node.isArray()) {
            node.forEach(one -> walk(path + "[]", one, shape));
        } else {
            shape.put(path, node.getNodeType().toString());
        }
    }
}
