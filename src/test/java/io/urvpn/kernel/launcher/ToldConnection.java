package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What a launcher tells of its tunnel.
 *
 * @param runtime directory that its pod sees as /run/ur-vpn
 * @param log what the launcher has said, to be shown on failure
 */
public record ToldConnection(Path runtime, Supplier<String> log) {
    private static final int SHOWN = 3000;

    /** As it is now; an empty object where there is none yet. */
    public JsonNode now() {
        try {
            return new ObjectMapper()
                    .readTree(runtime.resolve("connection.json").toFile());
        } catch (IOException e) {
            return new ObjectMapper().createObjectNode();
        }
    }

    /** As it is when it has become so. */
    public JsonNode when(Duration within, Predicate<JsonNode> condition) {
        await().atMost(within).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            JsonNode told = now();
            assertThat(condition.test(told))
                    .as(() -> told + "\n" + last(log.get()))
                    .isTrue();
        });
        return now();
    }

    private static String last(String said) {
        return said.substring(Math.max(0, said.length() - SHOWN));
    }
}
