package io.urvpn.chart;

import io.urvpn.apiserver.api.Chart;
import java.io.IOException;
import java.nio.file.Path;

/** The values with which the chart is looked at. */
enum Rendered {
    /** As it is installed without a word. */
    BY_DEFAULT,
    /** Every value set to something else. */
    IN_FULL("--values", full().toString());

    /** The file with every value set to something else. */
    static Path full() {
        return Chart.DIRECTORY.resolve("ci/full-values.yaml");
    }

    private final String[] arguments;

    Rendered(String... arguments) {
        this.arguments = arguments;
    }

    /** What helm is told for it. */
    String[] arguments() {
        return arguments.clone();
    }

    /** The manifests. */
    String manifests() throws IOException, InterruptedException {
        return Chart.render(arguments);
    }
}
