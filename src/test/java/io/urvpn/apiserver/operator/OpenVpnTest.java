package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenVPN lives by the same rules as every type, with files beside its configuration. */
class OpenVpnTest {
    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster();
        cluster.node("node-1");
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    private void create(String name) {
        VpnInstance instance = cluster.instance(name, name);
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .type(VpnType.OPENVPN)
                .build());
        cluster.admin().resource(instance).create();
    }

    private DaemonSet daemonSet() {
        List<DaemonSet> all = cluster.admin()
                .apps()
                .daemonSets()
                .inNamespace(cluster.namespace())
                .list()
                .getItems();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private List<String> paths() {
        return daemonSet().getSpec().getTemplate().getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals("files"))
                .flatMap(volume -> volume.getProjected().getSources().getFirst().getSecret().getItems().stream())
                .map(KeyToPath::getPath)
                .toList();
    }

    private String podOnNode1() {
        return cluster.admin()
                .pods()
                .inNamespace(cluster.namespace())
                .withName(daemonSet().getMetadata().getName() + "-node-1")
                .get()
                .getMetadata()
                .getUid();
    }

    @Test
    void anInstanceGetsItsDaemonSetWithItsFilesAndAnAttachmentWithoutAddresses() {
        cluster.secret("office", Map.of("client.ovpn", OpenVpnSamples.WITH_NAME, "login", "branch7\nhunter2\n"));
        create("office");
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("True/Up"));
        VpnAttachment attachment = cluster.attachments("office").getFirst();
        assertThat(attachment.getSpec().type()).isEqualTo(VpnType.OPENVPN);
        assertThat(attachment.getSpec().addresses()).isNull();
        assertThat(attachment.getSpec().mtu()).isNull();
        assertThat(paths()).containsExactly("node-1/login");
        assertThat(daemonSet()
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getVolumeMounts())
                .filteredOn(mount -> mount.getMountPath().startsWith("/etc/ur-vpn"))
                .extracting(VolumeMount::getMountPath, VolumeMount::getSubPathExpr)
                .containsExactly(
                        tuple("/etc/ur-vpn/tunnel.conf", "$(URVPN_NODE_NAME).conf"),
                        tuple("/etc/ur-vpn/files/login", "$(URVPN_NODE_NAME)/login"));

        cluster.admin().resource(cluster.instance("office").orElseThrow()).delete();
        cluster.gone("office");
    }

    @Test
    void aNodeThatJoinsWithFilesOfItsOwnComesUpAndRestartsNoOther() {
        cluster.secret(
                "office",
                Map.of(
                        "node-1.conf", OpenVpnSamples.INLINE,
                        "node-2.conf", OpenVpnSamples.WITH_NAME,
                        "login", "branch7\nhunter2\n"));
        create("office");
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("True/Up"));
        assertThat(paths()).isEmpty();
        // an agent here is up without its pod
        eventually(() -> assertThat(podOnNode1()).isNotEmpty());
        String before = podOnNode1();

        cluster.node("node-2");
        eventually(() -> assertThat(cluster.attachments("office")).hasSize(2));
        eventually(() -> assertThat(paths()).containsExactly("node-2/login"));
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("True/Up"));
        assertThat(podOnNode1()).isEqualTo(before);
    }

    @Test
    void aDirectiveThatRunsAProgramIsRefusedWithItsLineAndNothingIsBegun() {
        cluster.secret("hostile", Map.of("client.ovpn", "client\n\"up\" '/bin/sh -c id'\n" + OpenVpnSamples.INLINE));
        create("hostile");
        eventually(() -> assertThat(cluster.condition("hostile", "Ready")).isEqualTo("False/InvalidConfiguration"));
        assertThat(cluster.message("hostile", "Stalled"))
                .contains("key client.ovpn, line 2: up would run a program")
                .doesNotContain("/bin/sh");
        assertThat(cluster.attachments("hostile")).isEmpty();
    }

    @Test
    void aFileThatIsMissingIsNamedAndTheTunnelComesUpWhenItIsThere() {
        cluster.secret("late", Map.of("client.ovpn", OpenVpnSamples.WITH_NAME));
        create("late");
        eventually(() -> assertThat(cluster.condition("late", "Ready")).isEqualTo("False/InvalidConfiguration"));
        assertThat(cluster.message("late", "Stalled")).contains("line 11", "login, which is no key of the Secret");
        cluster.admin()
                .secrets()
                .inNamespace(cluster.namespace())
                .withName("late")
                .edit(OpenVpnTest::withLogin);
        eventually(() -> assertThat(cluster.condition("late", "Ready")).isEqualTo("True/Up"));
    }

    private static Secret withLogin(Secret secret) {
        secret.setStringData(Map.of("login", "branch7\nhunter2\n"));
        return secret;
    }
}
