package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.urvpn.api.v1alpha1.TunnelToleration;
import io.urvpn.api.v1alpha1.VpnInstanceSpec;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.operator.Eligibility;
import io.urvpn.operator.Selection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EligibilityTest {
    private static Node node(Map<String, String> labels, String... taints) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName("n")
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .endSpec();
        for (String taint : taints) {
            String[] parts = taint.split("[=:]");
            node.editSpec()
                    .addNewTaint()
                    .withKey(parts[0])
                    .withValue(parts.length == 3 ? parts[1] : null)
                    .withEffect(parts[parts.length - 1])
                    .endTaint()
                    .endSpec();
        }
        return node.build();
    }

    private static VpnInstanceSpec spec(Map<String, String> selector, TunnelToleration... tolerations) {
        return VpnInstanceSpecBuilder.builder()
                .nodeSelector(selector)
                .tolerations(List.of(tolerations))
                .build();
    }

    private static TunnelToleration toleration(String key, String operator, String value, String effect) {
        return new TunnelToleration(key, operator, value, effect, null);
    }

    @Test
    void anEmptySelectorSelectsEveryNodeAndEachLabelOfAnotherMustMatch() {
        assertThat(new Eligibility(spec(Map.of())).begins(node(null))).isTrue();
        Eligibility edge = new Eligibility(spec(Map.of("site", "edge", "vpn", "")));
        assertThat(edge.begins(node(Map.of("site", "edge", "vpn", "", "more", "x"))))
                .isTrue();
        assertThat(edge.begins(node(Map.of("site", "edge")))).isFalse();
        assertThat(edge.keeps(node(Map.of("site", "core", "vpn", "")))).isFalse();
        assertThat(edge.whyNotKept(node(Map.of("site", "core")))).contains("labels");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node.kubernetes.io/not-ready:NoExecute",
                "node.kubernetes.io/unreachable:NoExecute",
                "node.kubernetes.io/disk-pressure:NoSchedule",
                "node.kubernetes.io/memory-pressure:NoSchedule",
                "node.kubernetes.io/pid-pressure:NoSchedule",
                "node.kubernetes.io/unschedulable:NoSchedule",
                "node.kubernetes.io/network-unavailable:NoSchedule"
            })
    void whatEveryDaemonSetToleratesKeepsNoNodeFromBeginning(String taint) {
        Eligibility any = new Eligibility(spec(Map.of()));
        assertThat(any.begins(node(null, taint))).isTrue();
        assertThat(any.keeps(node(null, taint))).isTrue();
    }

    @Test
    void aNoScheduleTaintKeepsFromBeginningAndEndsNothing() {
        Eligibility any = new Eligibility(spec(Map.of()));
        Node tainted = node(null, "dedicated=db:NoSchedule");
        assertThat(any.begins(tainted)).isFalse();
        assertThat(any.keeps(tainted)).isTrue();
    }

    @Test
    void aNoExecuteTaintOfSomebodyElseEndsIt() {
        Eligibility any = new Eligibility(spec(Map.of()));
        Node tainted = node(null, "somebody/else:NoExecute");
        assertThat(any.keeps(tainted)).isFalse();
        assertThat(any.whyNotKept(tainted)).contains("NoExecute");
    }

    @Test
    void aPreferenceIsNoRefusal() {
        assertThat(new Eligibility(spec(Map.of())).begins(node(null, "busy:PreferNoSchedule")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // key, operator, value, effect, tolerated
        "dedicated, Equal, db, NoSchedule, true",
        "dedicated, , db, , true",
        "dedicated, Equal, web, NoSchedule, false",
        "dedicated, Exists, , , true",
        "dedicated, Exists, , NoExecute, false",
        ", Exists, , , true",
        "other, Exists, , , false",
    })
    void aTolerationIsComparedAsPodsAre(String key, String operator, String value, String effect, boolean tolerated) {
        Eligibility eligibility = new Eligibility(spec(Map.of(), toleration(key, operator, value, effect)));
        assertThat(eligibility.begins(node(null, "dedicated=db:NoSchedule"))).isEqualTo(tolerated);
    }

    @Test
    void aNodeWhoseObjectIsAbsentKeepsItsAttachment() {
        Selection selection =
                Selection.of(new Eligibility(spec(Map.of())), List.of(), List.of(Samples.attachment("gone-node")));
        assertThat(selection.wanted()).containsExactly("gone-node");
        assertThat(selection.unwanted()).isEmpty();
    }
}
