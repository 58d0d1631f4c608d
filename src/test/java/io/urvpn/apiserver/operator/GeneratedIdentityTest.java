package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes that make their own keys share a configuration, and each gets an address of its own. */
class GeneratedIdentityTest {
    private static final String FOR_ALL = "[Interface]\nMTU = 1380\n[Peer]\n"
            + "PublicKey = 6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=\nAllowedIPs = 10.99.0.0/16\n";

    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster();
        cluster.node("node-1");
        cluster.node("node-2");
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    private void create(String... networks) {
        cluster.secret("office", Map.of("wg.conf", FOR_ALL));
        VpnInstance instance = cluster.instance("office", "office");
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .identity(IdentitySource.GENERATE_PER_NODE)
                .addressPool(List.of(networks))
                .build());
        cluster.admin().resource(instance).create();
    }

    private void pool(String network) {
        cluster.admin()
                .resources(VpnInstance.class)
                .withName("office")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"addressPool\": [\"" + network + "\"]}}");
    }

    private Map<String, List<String>> addresses() {
        Map<String, List<String>> addresses = new TreeMap<>();
        cluster.attachments("office")
                .forEach(attachment -> addresses.put(
                        attachment.getSpec().nodeName(), attachment.getSpec().addresses()));
        return addresses;
    }

    private DaemonSet daemonSet() {
        return cluster.admin()
                .apps()
                .daemonSets()
                .inNamespace(cluster.namespace())
                .list()
                .getItems()
                .getFirst();
    }

    private void up() {
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("True/Up"));
    }

    @Test
    void oneConfigurationServesAllNodesAndEachHasItsAddresses() {
        create("10.99.0.0/24", "fd00:99::/64");
        up();

        assertThat(addresses())
                .isEqualTo(Map.of(
                        "node-1", List.of("10.99.0.1/32", "fd00:99::1/128"),
                        "node-2", List.of("10.99.0.2/32", "fd00:99::2/128")));
        assertThat(cluster.attachments("office"))
                .allSatisfy(attachment ->
                        assertThat(attachment.getSpec().identity()).isEqualTo(IdentitySource.GENERATE_PER_NODE));
        Container container =
                daemonSet().getSpec().getTemplate().getSpec().getContainers().getFirst();
        assertThat(container.getEnv()).anySatisfy(variable -> {
            assertThat(variable.getName()).isEqualTo("URVPN_IDENTITY");
            assertThat(variable.getValue()).isEqualTo("GeneratePerNode");
        });
        assertThat(container.getVolumeMounts())
                .filteredOn(mount -> mount.getMountPath().startsWith("/etc/ur-vpn"))
                .extracting(VolumeMount::getMountPath, VolumeMount::getSubPathExpr, VolumeMount::getSubPath)
                .containsExactly(
                        tuple("/etc/ur-vpn/tunnel.conf", "$(URVPN_NODE_NAME).conf", null),
                        tuple("/etc/ur-vpn/plain.conf", null, "wg.conf"));
    }

    @Test
    void aNodeThatJoinsTakesTheLowestFreeAddressAndChangesNoPod() {
        create("10.99.0.0/24");
        up();
        String before = daemonSet().getMetadata().getResourceVersion();
        Long generation = daemonSet().getMetadata().getGeneration();

        cluster.node("node-0");
        eventually(() -> assertThat(addresses()).containsEntry("node-0", List.of("10.99.0.3/32")));
        up();
        assertThat(daemonSet().getMetadata().getGeneration()).as(before).isEqualTo(generation);

        cluster.label("node-1", null);
        eventually(() -> assertThat(addresses()).doesNotContainKey("node-1"));
        cluster.node("node-9");
        eventually(() -> assertThat(addresses()).containsEntry("node-9", List.of("10.99.0.1/32")));
        assertThat(addresses())
                .containsEntry("node-0", List.of("10.99.0.3/32"))
                .containsEntry("node-2", List.of("10.99.0.2/32"));
    }

    @Test
    void aPoolThatIsTooSmallIsSaidAndNoNodeThatHasAnAddressLosesIt() {
        create("10.99.0.0/30");
        up();
        cluster.node("node-3");
        eventually(() -> assertThat(cluster.condition("office", "Ready")).isEqualTo("False/AddressPoolExhausted"));
        assertThat(cluster.condition("office", "Stalled")).isEqualTo("True/AddressPoolExhausted");
        assertThat(cluster.message("office", "Ready"))
                .contains("10.99.0.0/30 has 2 addresses", "3 nodes", "without one: node-3");
        assertThat(addresses()).isEqualTo(Map.of("node-1", List.of("10.99.0.1/32"), "node-2", List.of("10.99.0.2/32")));

        pool("10.99.0.0/29");
        up();
        assertThat(addresses())
                .isEqualTo(Map.of(
                        "node-1", List.of("10.99.0.1/32"),
                        "node-2", List.of("10.99.0.2/32"),
                        "node-3", List.of("10.99.0.3/32")));
    }

    @Test
    void anotherPoolMovesTheNodesIntoIt() {
        create("10.99.0.0/24");
        up();
        pool("10.98.0.0/24");
        eventually(() -> assertThat(addresses())
                .isEqualTo(Map.of("node-1", List.of("10.98.0.1/32"), "node-2", List.of("10.98.0.2/32"))));
        up();
    }

    @Test
    void aPrivateKeyInTheSecretIsRefusedWithTheReason() {
        create("10.99.0.0/24");
        up();
        cluster.admin()
                .secrets()
                .inNamespace(cluster.namespace())
                .withName("office")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        "{\"stringData\": {\"node-2.conf\": \""
                                + TestCluster.configuration(1).replace("\n", "\\n") + "\"}}");
        eventually(() -> assertThat(cluster.condition("office", "Stalled")).isEqualTo("True/InvalidConfiguration"));
        assertThat(cluster.message("office", "Stalled"))
                .contains("key node-2.conf, line 2: PrivateKey does not go with identity GeneratePerNode");
        assertThat(addresses()).as("what runs goes on").containsKeys("node-1", "node-2");
    }
}
