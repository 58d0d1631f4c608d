package io.urvpn.unit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.notify.EventReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TroubleshootingPageTest {
    private static final Pattern EVENT = Pattern.compile("^\\| `(\\w+)` \\| (\\w+) \\|", Pattern.MULTILINE);
    private static final Pattern ENTRY = Pattern.compile("^### (\\w+)\n(?=\\S)", Pattern.MULTILINE);

    @Test
    void explainsEachReasonAndErrorCodeOnceAndNoOther() throws IOException {
        String page = Files.readString(Path.of("docs/troubleshooting.md"));
        List<String> explained =
                ENTRY.matcher(page).results().map(result -> result.group(1)).toList();
        List<String> constants = Stream.of(Reasons.class, ErrorCodes.class)
                .flatMap(TroubleshootingPageTest::values)
                .toList();
        assertThat(explained).containsExactlyInAnyOrderElementsOf(constants);
    }

    @Test
    void listsEachEventOnceWithItsTypeAndNoOther() throws IOException {
        String section = Files.readString(Path.of("docs/troubleshooting.md"))
                .split("\n## Events\n")[1]
                .split("\n## ")[0];
        List<String> listed = EVENT.matcher(section)
                .results()
                .map(row -> row.group(1) + " " + row.group(2))
                .toList();
        assertThat(listed)
                .containsExactlyElementsOf(Stream.of(EventReason.values())
                        .map(event -> event.reason() + " " + event.type())
                        .toList());
    }

    private static Stream<String> values(Class<?> constants) {
        return Stream.of(constants.getFields()).map(field -> {
            try {
                return (String) field.get(null);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(field + " is public", e);
            }
        });
    }
}
