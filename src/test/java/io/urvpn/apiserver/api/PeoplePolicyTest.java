package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnType;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people say to a cleanup by annotation is theirs, has a reason, and needs its verb. */
class PeoplePolicyTest {
    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();
    private Installation chart;

    @BeforeEach
    void install() throws IOException, InterruptedException {
        server.forget();
        chart = Installation.install(server);
        may("editor");
        may("operator-on-call", "retry", "skip", "force", "dry-run");
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(new ObjectMetaBuilder().withName("office").build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .nodeSelector(Map.of())
                .build());
        admin.resource(instance).create();
        // a new policy works some seconds after it was written; what is not changed is not looked at
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() ->
                        Refusal.byPolicy(() -> say(admin, "retry", "nobody: " + System.nanoTime()), "must begin with"));
        say(admin, "retry", null);
    }

    @AfterEach
    void remove() {
        server.forget();
    }

    private void may(String user, String... verbs) {
        var role = new ClusterRoleBuilder()
                .withNewMetadata()
                .withName("people-" + user)
                .endMetadata()
                .addNewRule()
                .withApiGroups("urvpn.io")
                .withResources("vpninstances", "vpncleanups", "vpnattachments", "vpnnodes")
                .withVerbs("get", "patch", "update", "create")
                .endRule();
        if (verbs.length > 0) {
            role.addNewRule()
                    .withApiGroups("urvpn.io")
                    .withResources("vpncleanups")
                    .withVerbs(verbs)
                    .endRule();
        }
        admin.resource(role.build()).serverSideApply();
        admin.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName("people-" + user)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "people-" + user)
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .serverSideApply();
    }

    private static void say(KubernetesClient who, String verb, String value) {
        String text = value == null ? "null" : "\"" + value + "\"";
        who.resources(VpnInstance.class)
                .withName("office")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"urvpn.io/" + verb + "\":" + text + "}}}");
    }

    private Map<String, String> annotations() {
        return admin.resources(VpnInstance.class)
                .withName("office")
                .get()
                .getMetadata()
                .getAnnotations();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retry|the cable is back",
                "retry|VERIFICATION_JOB@node-1 the cable is back",
                "skip|VPN_DISCONNECT@node-1 the module hangs",
                "skip|ROUTING_RULES_CLEAR@* known and harmless",
                "force|*@node-1 scrapped",
                "force|the whole site is gone",
                "dry-run|before the move"
            })
    void whoHasTheVerbIsTakenAtTheirWord(String verb, String words) {
        say(chart.person("operator-on-call"), verb, "operator-on-call: " + words);
        assertThat(annotations()).containsEntry("urvpn.io/" + verb, "operator-on-call: " + words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"retry", "skip", "force", "dry-run"})
    void whoLacksTheVerbIsRefused(String verb) {
        Refusal.byPolicy(
                () -> say(chart.person("editor"), verb, "editor: VPN_DISCONNECT@node-1 why"),
                "needs the verb " + verb + " on vpncleanups.urvpn.io",
                "editor does not have");
    }

    @ParameterizedTest
    @ValueSource(strings = {"editor: why", "why", "", "operator-on-call:", "operator-on-callous: why"})
    void anotherNameIsRefused(String value) {
        Refusal.byPolicy(
                () -> say(chart.person("operator-on-call"), "force", value), "must begin with", "operator-on-call: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retry|''",
                "force|'  '",
                "force|*@node-1",
                "force|*@node-1 ",
                "skip|the module hangs",
                "skip|*@node-1 the module hangs",
                "skip|VPN_DISCONNECT@node-1",
                "skip|VPN_CONNECT@node-1 the module hangs"
            })
    void whatHasNoReasonOrNoComponentIsRefused(String verb, String words) {
        Refusal.byPolicy(
                () -> say(chart.person("operator-on-call"), verb, "operator-on-call: " + words),
                "it must be",
                "reason");
    }

    @Test
    void removingOneIsFreeAndOthersAreNotLookedAt() {
        say(chart.person("operator-on-call"), "retry", "operator-on-call: again");
        chart.person("editor")
                .resources(VpnInstance.class)
                .withName("office")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"example.com/note\":\"seen\"}}}");
        say(chart.person("editor"), "retry", null);
        assertThat(annotations()).containsOnlyKeys("example.com/note");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spec|{'spec':{'routes':[{'destination':'0.0.0.0/0'}]}}",
                "metadata.labels|{'metadata':{'labels':{'argocd.argoproj.io/instance':'mine'}}}",
                // an owner that does not exist would have the garbage collector delete the instance
                "metadata.ownerReferences|{'metadata':{'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'x','uid':'y'}]}}",
                "metadata.finalizers|{'metadata':{'finalizers':['example.com/hold']}}",
                "urvpn.io/legacy-instance-name|{'metadata':{'annotations':{'urvpn.io/legacy-instance-name':'another'}}}",
                "urvpn.io/upgrade-runtime|{'metadata':{'annotations':{'urvpn.io/upgrade-runtime':'now'}}}",
            })
    void whoMayPatchAndNotUpdateChangesNothingButAnnotations(String part, String patch) {
        KubernetesClient annotator = ofTheChartsRole();
        String change = patch.replace('\'', '"');
        Refusal.byPolicy(
                () -> merge(annotator, change),
                "changing " + part + " needs the verb update on vpninstances.urvpn.io",
                "annotator does not have");
        merge(chart.person("editor"), change);
    }

    @Test
    void whoMayPatchAndNotUpdateAnnotates() {
        KubernetesClient annotator = ofTheChartsRole();
        say(annotator, "retry", "annotator: the cable is back");
        merge(annotator, "{\"metadata\":{\"annotations\":{\"example.com/note\":\"seen\"}}}");
        assertThat(annotations()).containsOnlyKeys("urvpn.io/retry", "example.com/note");
    }

    private KubernetesClient ofTheChartsRole() {
        admin.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName("people-annotator")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "ur-vpn-cleanup-operator")
                        .addNewSubject("rbac.authorization.k8s.io", "User", "annotator", null)
                        .build())
                .serverSideApply();
        return chart.person("annotator");
    }

    private static void merge(KubernetesClient who, String patch) {
        who.resources(VpnInstance.class).withName("office").patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    @Test
    void whatTheOperatorWritesDownIsItsOwn() {
        admin.resource(node()).create();
        Refusal.byPolicy(() -> hold(chart.person("editor")), "urvpn.io/held is the operator's own");
        hold(chart.onNode("ur-vpn-operator", "n1"));
        assertThat(admin.resources(VpnNode.class)
                        .withName("n9")
                        .get()
                        .getMetadata()
                        .getAnnotations())
                .containsKey("urvpn.io/held");
    }

    private static VpnNode node() {
        VpnNode node = new VpnNode();
        node.setMetadata(new ObjectMetaBuilder().withName("n9").build());
        return node;
    }

    private static void hold(KubernetesClient who) {
        who.resources(VpnNode.class)
                .withName("n9")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"urvpn.io/held\":\"many\"}}}");
    }
}
