package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.ResourceAmounts;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.TunnelResources;
import io.urvpn.api.v1alpha1.TunnelToleration;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.operator.OperatorSettings;
import io.urvpn.operator.RuntimeDaemonSet;
import io.urvpn.operator.RuntimeDaemonSet.PlainKey;
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
            "/run/ur-vpn",
            new CleanupPolicy(5, 3, 10, 60, 5, 300, "5m", null, null, 1),
            true,
            Duration.ofSeconds(120),
            false,
            1,
            Optional.empty());
    private final RuntimeDaemonSet daemonSets = new RuntimeDaemonSet(SETTINGS);

    private DaemonSet of(VpnInstance instance, Optional<PlainKey> plainKey) {
        return daemonSets.of(instance, "docker.io/urvpn/runtime:0.1.0", plainKey);
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
        assertThat(RuntimeDaemonSet.plainKey(of(Samples.instance(), Optional.of(plain))))
                .contains(plain);
        assertThat(RuntimeDaemonSet.plainKey(of(Samples.instance(), Optional.empty())))
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
        assertThat(revision(daemonSets.of(Samples.instance(), "docker.io/urvpn/runtime:0.2.0", Optional.empty())))
                .isNotEqualTo(present);
    }

    private static String revision(DaemonSet daemonSet) {
        return daemonSet.getSpec().getTemplate().getMetadata().getLabels().get("urvpn.io/revision");
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
