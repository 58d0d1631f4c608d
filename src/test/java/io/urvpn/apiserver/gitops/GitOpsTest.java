package io.urvpn.apiserver.gitops;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.apiserver.gitops.HealthTool.Verdicts;
import io.urvpn.apiserver.operator.TestCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Argo CD and Flux say of real objects in each state, and that they prune nothing that the operator made. */
class GitOpsTest {
    private static final Map<String, String> TRACKED_LABELS = Map.of(
            "app.kubernetes.io/instance", "tunnels-app",
            "app.kubernetes.io/managed-by", "Helm",
            "kustomize.toolkit.fluxcd.io/name", "tunnels-kustomization",
            "kustomize.toolkit.fluxcd.io/namespace", "flux-tunnels",
            "helm.toolkit.fluxcd.io/name", "tunnels-helmrelease",
            "helm.toolkit.fluxcd.io/namespace", "flux-helm");
    private static final Map<String, String> TRACKED_ANNOTATIONS = Map.of(
            "argocd.argoproj.io/tracking-id", "tunnels-app:urvpn.io/VpnInstance:/tracked",
            "argocd.argoproj.io/sync-wave", "7007",
            "argocd.argoproj.io/sync-options", "Prune=confirm",
            "kustomize.toolkit.fluxcd.io/prune", "enabled",
            "meta.helm.sh/release-name", "tunnels-release",
            "meta.helm.sh/release-namespace", "helm-tunnels");

    private static TestCluster cluster;
    private static Map<String, GenericKubernetesResource> objects;
    private static Map<String, Verdicts> verdicts;

    @BeforeAll
    static void take() {
        cluster = new TestCluster();
        objects = States.of(cluster);
        verdicts = HealthTool.of(objects);
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    /** kstatus alone takes an object without a status for current, and waits for ever for one that is suspended. */
    @ParameterizedTest
    @CsvSource({
        "fresh VpnInstance,       Progressing, Progressing, Current,     Error",
        "progressing VpnInstance, Progressing, Progressing, InProgress,  InProgress",
        "ready VpnInstance,       Healthy,     Healthy,     Current,     Current",
        "degraded VpnInstance,    Degraded,    Degraded,    Failed,      Failed",
        "suspended VpnInstance,   Suspended,   Suspended,   InProgress,  Current",
        "deleting VpnInstance,    Progressing, Progressing, Terminating, InProgress",
        "waiting VpnInstance,     Progressing, Degraded,    Terminating, InProgress",
        "failed VpnInstance,      Progressing, Degraded,    Terminating, InProgress",
        "deleting VpnCleanup,     Progressing, Progressing, InProgress,  ''",
        "waiting VpnCleanup,      Degraded,    Degraded,    Failed,      ''",
        "failed VpnCleanup,       Degraded,    Degraded,    Failed,      ''",
        "debt VpnCleanup,         Progressing, Progressing, InProgress,  ''",
        "settled VpnCleanup,      Healthy,     Healthy,     Current,     ''",
        "done VpnCleanup,         Healthy,     Healthy,     Current,     ''",
        "ready VpnAttachment,     Healthy,     Healthy,     Current,     ''",
        "deleting VpnAttachment,  Progressing, Progressing, InProgress,  ''",
        "waiting VpnAttachment,   Progressing, Progressing, InProgress,  ''",
        "ready VpnNode,           Healthy,     Healthy,     Current,     ''",
        "orphan VpnNode,          Degraded,    Degraded,    Current,     ''",
    })
    void eachStateIsWhatItIs(String object, String argo, String lua, String kstatus, String cel) {
        assertThat(List.of(
                        verdicts.get(object).argo().status(),
                        verdicts.get(object).lua().status(),
                        verdicts.get(object).kstatus().status(),
                        verdicts.get(object).cel()))
                .as("%s: %s", object, verdicts.get(object))
                .containsExactly(argo, lua, kstatus, cel);
    }

    @ParameterizedTest
    @CsvSource({
        "deleting VpnInstance, Reconciling, Deleting,           waiting for pod",
        "waiting VpnInstance,  Stalled,     WaitingForAgent,    spec.nodeName=node-1",
        "failed VpnInstance,   Stalled,     VerificationFailed, rule 20000: from all lookup 20000",
        "deleting VpnCleanup,  Reconciling, WaitingForPods,     waiting for pod",
        "waiting VpnCleanup,   Stalled,     WaitingForAgent,    spec.nodeName=node-1",
        "failed VpnCleanup,    Stalled,     VerificationFailed, rule 20000: from all lookup 20000",
        "debt VpnCleanup,      Reconciling, DebtOpen,           still owed by node node-",
    })
    void eachStateOfADeletionIsExplainedByACondition(String object, String type, String reason, String message) {
        List<Map<String, String>> conditions = objects.get(object).get("status", "conditions");
        assertThat(conditions)
                .filteredOn(condition -> type.equals(condition.get("type")) && "True".equals(condition.get("status")))
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.get("reason")).isEqualTo(reason);
                    assertThat(condition.get("message")).contains(message);
                });
    }

    @Test
    void noNodeCountsAsReadyWhileADeletionWaits() {
        for (String state : List.of("deleting", "waiting", "failed")) {
            Map<String, Object> nodes = objects.get(state + " VpnInstance").get("status", "nodes");
            assertThat(nodes).as(state).containsEntry("ready", 0).containsEntry("desired", 0);
        }
        Map<String, Object> nodes = objects.get("waiting VpnInstance").get("status", "nodes");
        assertThat(nodes.get("attached")).as("nodes that are left").isIn(1, 2);
    }

    @Test
    void whatTheOperatorMakesCarriesNothingByWhichItWouldBePruned() {
        cluster.secret(
                "tracked",
                Map.of("node-1.conf", TestCluster.configuration(100), "node-2.conf", TestCluster.configuration(101)));
        VpnInstance tracked = cluster.instance("tracked", "tracked");
        tracked.getMetadata().setLabels(TRACKED_LABELS);
        tracked.getMetadata().setAnnotations(TRACKED_ANNOTATIONS);
        VpnInstance created = cluster.admin().resource(tracked).create();
        eventually(() -> assertThat(cluster.condition("tracked", "Ready")).isEqualTo("True/Up"));
        List<HasMetadata> children = new ArrayList<>(cluster.attachments("tracked"));
        children.addAll(cluster.admin()
                .apps()
                .daemonSets()
                .inNamespace(cluster.namespace())
                .list()
                .getItems());
        children.addAll(
                cluster.admin().pods().inNamespace(cluster.namespace()).list().getItems());
        cluster.admin().resource(created).delete();
        cluster.gone("tracked");
        children.addAll(cluster.cleanups("tracked"));

        assertThat(children)
                .extracting(HasMetadata::getKind)
                .contains("VpnAttachment", "DaemonSet", "Pod", "VpnCleanup");
        assertThat(children).allSatisfy(child -> {
            assertThat(all(child.getMetadata().getLabels(), child.getMetadata().getAnnotations()))
                    .noneMatch(entry -> TRACKED_LABELS.containsValue(entry.getValue())
                            || TRACKED_ANNOTATIONS.containsValue(entry.getValue())
                            || entry.getKey().startsWith("argocd.")
                            || entry.getKey().contains("fluxcd.io")
                            || entry.getKey().startsWith("meta.helm.sh/"));
            if (child instanceof VpnAttachment || child instanceof VpnCleanup) {
                // by an owner they would be collected before their nodes were read
                assertThat(child.getOwnerReferenceFor(created)).isEmpty();
            }
        });
    }

    /** A field that the definition does not have would be dropped without a word. */
    @Test
    void theExampleIsTakenWhole() throws IOException {
        try (InputStream file = Files.newInputStream(Path.of("deploy/gitops/tunnels/office.yaml"))) {
            var example = cluster.admin()
                    .genericKubernetesResources("urvpn.io/v1alpha1", "VpnInstance")
                    .load(file);
            Map<String, Object> written = example.item().get("spec");
            Map<String, Object> taken = example.dryRun().create().get("spec");
            assertThat(taken.keySet()).containsAll(written.keySet());
            assertThat(taken).containsEntry("type", "WireGuard");
        }
    }

    private static List<Map.Entry<String, String>> all(Map<String, String> labels, Map<String, String> annotations) {
        List<Map.Entry<String, String>> all = new ArrayList<>();
        if (labels != null) {
            all.addAll(labels.entrySet());
        }
        if (annotations != null) {
            all.addAll(annotations.entrySet());
        }
        return all;
    }
}
