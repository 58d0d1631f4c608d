package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nobody gets round a cleanup without the right to, by the policy of the chart. */
class CleanupPolicyTest {
    private static final String GONE_FIRST = "VpnInstance office is being deleted; apply again when it is gone";
    private static final String NO_FINALIZERS = "{\"metadata\":{\"finalizers\":null}}";
    private static final String MORE_MTU = "{\"spec\":{\"mtu\":1400}}";

    private final ApiServer server = ApiServer.running();
    private final KubernetesClient admin = server.admin();
    private Installation chart;
    private KubernetesClient editor;

    @BeforeEach
    void somebodyWhoMayEditOurKinds() throws IOException, InterruptedException {
        server.forget();
        chart = Installation.install(server);
        allow("editor", "vpninstances", "vpnattachments", "vpncleanups");
        editor = chart.person("editor");
        instance();
        // a new policy works some seconds after it was written
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> catchThrowableOfType(
                                KubernetesClientException.class,
                                () -> attachment(editor, "probe").dryRun().create())
                        != null);
    }

    @AfterEach
    void remove() {
        server.forget();
    }

    @Test
    void ourFinalizerStaysForThoseWithoutTheRight() {
        Refusal.byPolicy(
                () -> patch(editor, NO_FINALIZERS), "the finalizer urvpn.io/cleanup stays", "vpninstances/finalizers");
        patch(editor, "{\"metadata\":{\"finalizers\":[\"urvpn.io/cleanup\",\"example.com/x\"]}}");
        patch(editor, "{\"metadata\":{\"finalizers\":[\"urvpn.io/cleanup\"]}}");
        assertThat(stored().getMetadata().getFinalizers()).containsExactly(Names.FINALIZER_CLEANUP);
    }

    @Test
    void ourFinalizerStaysDuringTheDeletionToo() {
        editor.resources(VpnInstance.class).withName("office").delete();
        Refusal.byPolicy(() -> patch(editor, NO_FINALIZERS), "the finalizer urvpn.io/cleanup stays");
        assertThat(stored().isMarkedForDeletion()).isTrue();
    }

    @Test
    void theFinalizerOfAnAttachmentStaysAsWell() {
        attachment(admin, "vpnatt-1").create();
        Refusal.byPolicy(
                () -> editor.resources(VpnAttachment.class)
                        .withName("vpnatt-1")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), NO_FINALIZERS),
                "the finalizer urvpn.io/node-state stays");
    }

    @Test
    void theOperatorRemovesThem() {
        patch(chart.onNode("ur-vpn-operator", "n1"), NO_FINALIZERS);
        assertThat(stored().getMetadata().getFinalizers()).isEmpty();
    }

    @Test
    void somebodyWithTheRightRemovesThem() {
        allow("rescuer", "vpninstances", "vpninstances/finalizers");
        patch(chart.person("rescuer"), NO_FINALIZERS);
        assertThat(stored().getMetadata().getFinalizers()).isEmpty();
    }

    @Test
    void aSpecIsNotChangedWhileTheInstanceIsBeingDeleted() {
        patch(editor, MORE_MTU);
        admin.resources(VpnInstance.class).withName("office").delete();
        Refusal.byPolicy(() -> patch(editor, "{\"spec\":{\"mtu\":1401}}"), GONE_FIRST);
        Refusal.byPolicy(() -> patch(admin, "{\"spec\":{\"mtu\":1401}}"), GONE_FIRST);
        assertThat(stored().getSpec().mtu()).isEqualTo(1400);
    }

    @Test
    void theSameAppliedAgainWhileTheInstanceIsBeingDeletedIsRefusedToo() {
        admin.resources(VpnInstance.class).withName("office").delete();
        Refusal.byPolicy(() -> applySame(admin), GONE_FIRST);
    }

    @Test
    void annotationsAndLabelsCanBeSetWhileTheInstanceIsBeingDeleted() {
        admin.resources(VpnInstance.class).withName("office").delete();
        patch(editor, "{\"metadata\":{\"annotations\":{\"example.com/note\":\"seen\"}}}");
        patch(editor, "{\"metadata\":{\"labels\":{\"example.com/note\":\"seen\"}}}");
        assertThat(stored().getMetadata().getLabels()).containsKey("example.com/note");
    }

    @Test
    void applyingTheSameToAnInstanceThatLivesIsTaken() {
        applySame(editor);
        applySame(editor);
        assertThat(stored().isMarkedForDeletion()).isFalse();
    }

    @Test
    void onlyTheOperatorOrdersWhatHappensOnANode() {
        Refusal.byPolicy(() -> attachment(editor, "vpnatt-1").create(), "only the operator writes the spec");
        attachment(chart.onNode("ur-vpn-operator", "n1"), "vpnatt-1").create();
        Refusal.byPolicy(
                () -> editor.resources(VpnAttachment.class)
                        .withName("vpnatt-1")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"desired\":\"Detached\"}}"),
                "only the operator writes the spec");
        editor.resources(VpnAttachment.class)
                .withName("vpnatt-1")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"example.com/note\":\"seen\"}}}");
    }

    private void instance() {
        VpnInstance instance = office();
        instance.getMetadata().setFinalizers(List.of(Names.FINALIZER_CLEANUP));
        admin.resource(instance).create();
    }

    private static VpnInstance office() {
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(new ObjectMetaBuilder().withName("office").build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .nodeSelector(Map.of())
                .build());
        return instance;
    }

    private static void applySame(KubernetesClient client) {
        client.resource(office())
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("gitops")
                        .withForce(true)
                        .build());
    }

    private static Resource<VpnAttachment> attachment(KubernetesClient client, String name) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withFinalizers(Names.FINALIZER_NODE_STATE)
                .build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", "00000000-0000-0000-0000-000000000001"))
                .nodeName("n1")
                .type(VpnType.WIREGUARD)
                .interfaceName("urv0")
                .desired(DesiredState.ATTACHED)
                .build());
        return client.resource(attachment);
    }

    private static void patch(KubernetesClient client, String patch) {
        client.resources(VpnInstance.class).withName("office").patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private VpnInstance stored() {
        return admin.resources(VpnInstance.class).withName("office").get();
    }

    /** A role for everything on these resources of ours. */
    private void allow(String person, String... resources) {
        admin.resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(person)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups(Names.GROUP)
                        .withResources(resources)
                        .withVerbs("get", "list", "create", "update", "patch", "delete")
                        .endRule()
                        .build())
                .forceConflicts()
                .serverSideApply();
        admin.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(person)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", person)
                        .addNewSubject("rbac.authorization.k8s.io", "User", person, null)
                        .build())
                .forceConflicts()
                .serverSideApply();
    }
}
