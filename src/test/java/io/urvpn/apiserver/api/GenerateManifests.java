package io.urvpn.apiserver.api;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** Run by {@code make generate} alone: its name is not a test's, so no tier runs it. */
class GenerateManifests {
    @Test
    void writeThem() throws IOException, InterruptedException {
        Files.createDirectories(Chart.MANIFESTS.getParent());
        Files.writeString(Chart.MANIFESTS, Chart.plainManifests());
    }
}
