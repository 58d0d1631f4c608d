package io.urvpn.unit.api;

import io.urvpn.unit.docs.ValuesPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The definitions, their reference, and that of the chart's values. Run by {@code make generate} alone: its name is not a test's, so no tier runs it. */
class GenerateCustomResourceDefinitions {
    @Test
    void writeThem() throws IOException {
        Map<String, String> texts = CustomResourceDefinitions.texts();
        for (Path directory : CustomResourceDefinitions.DIRECTORIES) {
            Files.createDirectories(directory);
            for (Map.Entry<String, String> file : texts.entrySet()) {
                Files.writeString(directory.resolve(file.getKey()), file.getValue());
            }
        }
        Files.createDirectories(ReferencePage.FILE.getParent());
        Files.writeString(ReferencePage.FILE, ReferencePage.text());
        Files.writeString(ValuesPage.FILE, ValuesPage.text());
    }
}
