package io.urvpn.notify;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Set;

/** What a client asks for. */
public sealed interface RpcRequest {
    /** Delete the instance, by the name that it has or that messages show. */
    record Delete(String instanceName) implements RpcRequest {}

    /** How far an operation is. */
    record CleanupStatus(String operationId) implements RpcRequest {}

    /** How the sweeps are. */
    record CronJobStatus() implements RpcRequest {}

    /** Something else; {@code why} is fit for the client. */
    record Malformed(String why) implements RpcRequest {}

    /** Reads a request; never fails. */
    static RpcRequest parse(byte[] payload) {
        return Parser.parse(payload);
    }

    /** Strict, so that a request means one thing: no key twice, nothing behind the object, no key that is not known. */
    final class Parser {
        private static final int NAME = 253;
        private static final ObjectMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(8)
                                .maxNumberLength(32)
                                .build())
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();

        private Parser() {}

        private static RpcRequest parse(byte[] payload) {
            JsonNode root;
            try (JsonParser parser = JSON.createParser(payload)) {
                root = JSON.readValue(parser, JsonNode.class);
            } catch (IOException e) {
                return new Malformed("the request is not JSON");
            }
            if (root == null || !root.isObject()) {
                return new Malformed("the request must be a JSON object");
            }
            String call = root.path("call").asText("");
            return switch (call) {
                case "delete" -> {
                    RpcRequest wrong = unless(root, Set.of("call", "instance_name"), "instance_name");
                    yield wrong == null ? new Delete(root.path("instance_name").textValue()) : wrong;
                }
                case "getCleanupStatus" -> {
                    RpcRequest wrong = unless(root, Set.of("call", "operation_id"), "operation_id");
                    yield wrong == null
                            ? new CleanupStatus(root.path("operation_id").textValue())
                            : wrong;
                }
                case "getCronJobStatus" -> {
                    RpcRequest wrong = unless(root, Set.of("call"), null);
                    yield wrong == null ? new CronJobStatus() : wrong;
                }
                default -> new Malformed("call must be one of delete, getCleanupStatus, getCronJobStatus");
            };
        }

        /** What is wrong; {@code null} where the keys are those, and the one that is needed is a name. */
        private static Malformed unless(JsonNode root, Set<String> keys, String needed) {
            boolean unknown = root.properties().stream().anyMatch(one -> !keys.contains(one.getKey()));
            if (unknown) {
                return new Malformed("the request may have these keys only: "
                        + String.join(", ", keys.stream().sorted().toList()));
            }
            JsonNode name = needed == null ? null : root.path(needed);
            if (name != null
                    && (!name.isTextual()
                            || name.textValue().isBlank()
                            || name.textValue().length() > NAME)) {
                return new Malformed(needed + " must be a text of 1 to " + NAME + " characters");
            }
            return null;
        }
    }
}
