package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.unit.docs.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/quick-start.md tells people to type works, from the first block to the last. */
class QuickStartTest {
    private static final String NAME = "quick-start";

    @TempDir
    Path directory;

    @AfterEach
    void remove() {
        CLUSTER.kubectl("delete", "vpninstance", NAME, "--ignore-not-found", "--timeout=120s");
        CLUSTER.kubectl("-n", NAMESPACE, "delete", "secret", NAME, "--ignore-not-found");
    }

    @Test
    void itsCommandsBringATunnelUpAndTakeItAway() throws IOException {
        Path configuration = directory.resolve("office.conf");
        Files.writeString(configuration, CLUSTER.script("peer", "config", "n1", "wireguard"));

        String out = CLUSTER.script("run", "bash", "-euxo", "pipefail", "-c", commands(configuration));

        assertThat(out)
                .as("what the commands printed")
                .contains("vpninstance.urvpn.io/quick-start condition met", "n1: Verified");
        assertThat(CLUSTER.client.resources(VpnInstance.class).withName(NAME).get())
                .isNull();
        assertThat(CLUSTER.client
                        .resources(VpnCleanup.class)
                        .withLabel("urvpn.io/instance", NAME)
                        .list()
                        .getItems())
                .allSatisfy(cleanup -> assertThat(cleanup.getStatus().phase()).isEqualTo(OperationPhase.COMPLETED))
                .isNotEmpty();
    }

    /** The blocks of the page, with what is the reader's own put in. */
    private static String commands(Path configuration) {
        String text = String.join("\n", Page.of(Path.of("docs/quick-start.md")).blocks());
        Map<String, String> own = Map.of(
                "REGISTRY", "docker.io/urvpn",
                "NODE", "n1",
                "CONFIG", configuration.toAbsolutePath().toString(),
                "ADDRESS", "10.201.0.1");
        for (Map.Entry<String, String> value : own.entrySet()) {
            String line = "(?m)^export " + value.getKey() + "=\\S+";
            assertThat(text).containsPattern(line);
            text = text.replaceAll(line, Matcher.quoteReplacement("export " + value.getKey() + "=" + value.getValue()));
        }
        return text;
    }
}
