package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The release before this one is upgraded to this one, and rolled back, under a running tunnel and deletions. */
class UpgradeFromPreviousTest {
    /** Chart and images of the release before, as {@code e2e/previous} makes them; empty where the checkout lacks it. */
    private static final Path PREVIOUS = Path.of(System.getenv().getOrDefault("URVPN_E2E_PREVIOUS", ""));

    private final Tunnel kept = Tunnel.named("kept");
    private final Tunnel deleted = Tunnel.unanswered("deleted", 3);
    // its deletion is still under way when the release is rolled back
    private final Tunnel halfDeleted = Tunnel.unanswered("half-deleted", 4).cleanup("{verificationDelaySeconds: 20}");

    @BeforeAll
    static void installPrevious() throws IOException {
        boolean isThere = Files.exists(PREVIOUS.resolve("tag"));
        if (!isThere) {
            System.err.println("SKIPPED: the release before this one is not in this checkout's history (e2e/previous)");
        }
        assumeThat(isThere).as("e2e/previous has the release before").isTrue();
        for (String image : List.of("operator", "runtime")) {
            CLUSTER.script("load", PREVIOUS.resolve("images/" + image + ".tar").toString());
        }
        Cluster.Result uninstalled = Release.uninstall();
        assertThat(uninstalled.exit()).as(uninstalled.out()).isZero();
        String tag = Files.readString(PREVIOUS.resolve("tag")).strip();
        Release.upgradeTo(
                PREVIOUS.resolve("helm/ur-vpn-operator"), "images.operator.tag=" + tag, "images.runtime.tag=" + tag);
        onlyWhatIsInstalledRuns();
    }

    @AfterEach
    void remove() {
        kept.remove();
        deleted.remove();
        halfDeleted.remove();
    }

    @AfterAll
    static void putBack() {
        Release.putBack();
    }

    /** Waits until operators and agents are those that helm has installed, none other is left, and one of them acts. */
    private static void onlyWhatIsInstalledRuns() {
        var deployment = CLUSTER.client
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName("ur-vpn-operator")
                .get();
        areAll(
                "operator",
                deployment.getSpec().getTemplate(),
                deployment.getSpec().getReplicas());
        var agents = CLUSTER.client
                .apps()
                .daemonSets()
                .inNamespace(NAMESPACE)
                .withName("ur-vpn-agent")
                .get();
        areAll("agent", agents.getSpec().getTemplate(), Tunnel.NODES.size());
        Operators.acting();
    }

    private static void areAll(String component, PodTemplateSpec template, int count) {
        await("%d pods of the %s, all as they are installed".formatted(count, component))
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(pods(component))
                        .hasSize(count)
                        .allMatch(Operators::isReady)
                        .allMatch(pod -> image(pod.getSpec()).equals(image(template.getSpec()))));
    }

    private static String image(PodSpec spec) {
        return spec.getContainers().getFirst().getImage();
    }

    private static List<Pod> pods(String component) {
        return CLUSTER.client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems();
    }

    @Test
    void neitherAnUpgradeNorItsRollbackTouchesATunnelAndEachDeletionEndsVerified() throws Exception {
        kept.apply().ready();
        deleted.apply().inPlace();
        halfDeleted.apply().inPlace();
        Map<String, String> containers = kept.containers();
        Pings first = Pings.from("n1");
        Pings second = Pings.from("n2");

        Release.upgrade();
        onlyWhatIsInstalledRuns();
        kept.ready();
        assertThat(kept.containers()).hasSize(2).isEqualTo(containers);
        Deletion whole = Deletion.begin(deleted);
        whole.ends(Duration.ofSeconds(60));
        whole.hasEveryVerdict();
        Deletion begun = Deletion.begin(halfDeleted);

        assertThat(begun.underWay()).isTrue();
        Release.rollback();
        onlyWhatIsInstalledRuns();
        begun.ends(Duration.ofSeconds(60));
        begun.hasEveryVerdict();
        kept.ready();
        first.lostNone();
        second.lostNone();
        assertThat(kept.containers()).isEqualTo(containers);

        Deletion last = Deletion.begin(kept);
        Deletion.allEndVerified(List.of(whole, begun, last), Duration.ofSeconds(60));
    }
}
