package io.urvpn.unit.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The definitions and their reference. Run by {@code make generate} alone: its name is not a test's, so no tier runs it. */
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
    }
}
