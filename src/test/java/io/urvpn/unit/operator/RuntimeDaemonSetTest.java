package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.ResourceAmounts;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.TunnelResources;
import io.urvpn.api.v1alpha1.TunnelToleration;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.operator.Identities;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.operator.OperatorSettings;
import io.urvpn.operator.PodConfiguration;
import io.urvpn.operator.PodConfiguration.PlainKey;
import io.urvpn.operator.RuntimeDaemonSet;
import io.urvpn.tunnel.TunnelType;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RuntimeDaemonSetTest {
    private static final Path GOLDEN = Path.of("src/test/resources/operator/runtime-daemonset.yaml");
    private static final OperatorSettings SETTINGS = new OperatorSettings(
            "ur-vpn-system",
            "docker.io/urvpn/runtime:0.1.0",
            List.of("registry"),
            Optional.of("system-node-critical"),
            "/run/ur-vpn",
            new CleanupPolicy(5, 3, 10, 60, 5, 300, "5m", null, null, 1),
            true,
            Duration.ofSeconds(120),
            false,
            1,
            Optional.empty(),
            Optional.empty());
    private final RuntimeDaemonSet daemonSets = new RuntimeDaemonSet(SETTINGS);

    private DaemonSet of(VpnInstance instance, Optional<PlainKey> plainKey) {
        return daemonSets.of(instance, "docker.io/urvpn/runtime:0.1.0", new PodConfiguration(plainKey, Map.of()));
    }

    @Test
    void thePodIsExactlyWhatIsCommitted() throws IOException {
        VpnInstance instance = Samples.instance();
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .tolerations(List.of(new TunnelToleration("dedicated", "Equal", "edge", "NoSchedule", null)))
                .build());
        DaemonSet built = of(instance, Optional.of(new PlainKey("wg.conf", "node-1")));
        built.getMetadata().setAnnotations(null);
        assertThat(Serialization.kubernetes().asYaml(built)).isEqualTo(Files.readString(GOLDEN));
    }

    @Test
    void thePlainKeyOfAnExistingOneIsReadBack() {
        PlainKey plain = new PlainKey("wg.conf", "node-1.example.com");
        assertThat(PodConfiguration.of(of(Samples.instance(), Optional.of(plain)))
                        .plainKey())
                .contains(plain);
        assertThat(PodConfiguration.of(of(Samples.instance(), Optional.empty())).plainKey())
                .isEmpty();
    }

    @Test
    void onlyADifferenceInWhatItIsMadeOfMakesItAnother() {
        DaemonSet one = of(Samples.instance(), Optional.empty());
        assertThat(RuntimeDaemonSet.same(one, of(Samples.instance(), Optional.empty())))
                .isTrue();
        assertThat(RuntimeDaemonSet.same(one, of(Samples.instance(), Optional.of(new PlainKey("wg.conf", "a")))))
                .isFalse();
    }

    @Test
    void aRunningPodIsReplacedForWhatSomebodyDecidedAndNotForTheNodesThatAreSelected() {
        VpnInstance moved = Samples.instance();
        moved.setSpec(VpnInstanceSpecBuilder.builder(moved.getSpec())
                .nodeSelector(Map.of("vpn", "elsewhere"))
                .build());
        VpnInstance larger = Samples.instance();
        larger.setSpec(VpnInstanceSpecBuilder.builder(larger.getSpec())
                .resources(new TunnelResources(null, new ResourceAmounts("5m", null)))
                .build());
        String present = revision(of(Samples.instance(), Optional.empty()));
        assertThat(revision(of(moved, Optional.empty()))).isEqualTo(present);
        assertThat(revision(of(larger, Optional.empty()))).isNotEqualTo(present);
        assertThat(revision(daemonSets.of(Samples.instance(), "docker.io/urvpn/runtime:0.2.0", PodConfiguration.NONE)))
                .isNotEqualTo(present);
    }

    @Test
    void filesAreMountedEachFromTheDirectoryOfThePodsOwnNode() {
        DaemonSet built = files(Map.of("node-2", List.of("ca.crt"), "node-1", List.of("client.key", "ca.crt")));
        var pod = built.getSpec().getTemplate().getSpec();
        assertThat(pod.getContainers().getFirst().getVolumeMounts())
                .filteredOn(mount -> mount.getName().equals("files"))
                .allMatch(VolumeMount::getReadOnly)
                .extracting(VolumeMount::getMountPath, VolumeMount::getSubPathExpr)
                .containsExactly(
                        tuple("/etc/ur-vpn/files/ca.crt", "$(URVPN_NODE_NAME)/ca.crt"),
                        tuple("/etc/ur-vpn/files/client.key", "$(URVPN_NODE_NAME)/client.key"));
        var volume = pod.getVolumes().stream()
                .filter(one -> one.getName().equals("files"))
                .findFirst()
                .orElseThrow()
                .getProjected();
        assertThat(volume.getDefaultMode()).isEqualTo(0400);
        assertThat(volume.getSources()).singleElement().satisfies(source -> {
            assertThat(source.getSecret().getName()).isEqualTo("office");
            assertThat(source.getSecret().getOptional()).isTrue();
            assertThat(source.getSecret().getItems())
                    .extracting(KeyToPath::getKey, KeyToPath::getPath)
                    .containsExactly(
                            tuple("ca.crt", "node-1/ca.crt"),
                            tuple("client.key", "node-1/client.key"),
                            tuple("ca.crt", "node-2/ca.crt"));
        });
        assertThat(PodConfiguration.of(built).files())
                .containsExactly(entry("node-1", List.of("ca.crt", "client.key")), entry("node-2", List.of("ca.crt")));
    }

    @Test
    void theOrderOfFilesChangesNothingAndAFileMoreRestartsNoTunnel() {
        DaemonSet one = files(Map.of("node-1", List.of("client.key", "ca.crt")));
        assertThat(RuntimeDaemonSet.same(one, files(Map.of("node-1", List.of("ca.crt", "client.key")))))
                .isTrue();
        DaemonSet more = files(Map.of("node-1", List.of("ca.crt", "client.key"), "node-2", List.of("ca.crt")));
        assertThat(RuntimeDaemonSet.same(one, more)).isFalse();
        assertThat(revision(more))
                .isEqualTo(revision(one))
                .isEqualTo(revision(of(Samples.instance(), Optional.empty())));
    }

    @Test
    void filesOfANodeWhoseConfigurationCannotBeUsedAtPresentStay() {
        PodConfiguration before = new PodConfiguration(
                Optional.of(new PlainKey("client.ovpn", "node-3")),
                Map.of("node-1", List.of("ca.crt"), "node-2", List.of("ca.crt"), "gone", List.of("ca.crt")));
        Identities identities = Identities.of(
                TunnelType.OPENVPN,
                new SecretName("ur-vpn-system", "office"),
                Optional.of(Samples.secret(Map.of(
                        "node-1.conf",
                        "client",
                        "node-2.conf",
                        OpenVpnSamples.WITH_NAME,
                        "login",
                        "branch7\nsecret\n"))),
                List.of("node-1", "node-2"));
        PodConfiguration now =
                PodConfiguration.of(identities, TunnelType.OPENVPN).orElse(before, identities);
        assertThat(now.plainKey()).contains(new PlainKey("client.ovpn", "node-3"));
        assertThat(now.files()).containsOnly(entry("node-1", List.of("ca.crt")), entry("node-2", List.of("login")));
    }

    private DaemonSet files(Map<String, List<String>> files) {
        return daemonSets.of(
                Samples.instance(), "docker.io/urvpn/runtime:0.1.0", new PodConfiguration(Optional.empty(), files));
    }

    private static String revision(DaemonSet daemonSet) {
        return daemonSet.getSpec().getTemplate().getMetadata().getLabels().get("urvpn.io/revision");
    }

    @Test
    void onlyIpsecMayTakeAPortBelow1024() {
        VpnInstance instance = Samples.instance();
        assertThat(capabilities(instance)).containsExactly("NET_ADMIN");
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .type(VpnType.IPSEC)
                .build());
        assertThat(capabilities(instance)).containsExactly("NET_ADMIN", "NET_BIND_SERVICE");
    }

    private List<String> capabilities(VpnInstance instance) {
        var security = of(instance, Optional.empty())
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getSecurityContext();
        assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
        return security.getCapabilities().getAdd();
    }

    @Test
    void aRequestThatIsNotWrittenIsTheLimitAndWithoutOneOurDefault() {
        VpnInstance instance = Samples.instance();
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .resources(new TunnelResources(null, new ResourceAmounts("5m", null)))
                .build());
        var resources = of(instance, Optional.empty())
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getResources();
        assertThat(resources.getRequests().get("cpu").toString()).isEqualTo("5m");
        assertThat(resources.getRequests().get("memory").toString()).isEqualTo("32Mi");
        assertThat(resources.getLimits()).containsOnlyKeys("cpu");
    }
}
