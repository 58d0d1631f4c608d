package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.ResourceAmounts;
import io.urvpn.api.v1alpha1.TunnelResources;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What cannot work ends in a condition that says what to do, and in no half of a tunnel. */
class BadInputTest {
    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster();
        cluster.node("node-1");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void create(String name) {
        cluster.admin().resource(cluster.instance(name, name)).create();
    }

    private void nothingIsBegun(String name) {
        assertThat(cluster.attachments(name)).isEmpty();
        assertThat(cluster.admin()
                        .apps()
                        .daemonSets()
                        .inNamespace(cluster.namespace())
                        .list()
                        .getItems())
                .isEmpty();
    }

    @Test
    void aMissingSecretIsNamedAndTheInstanceComesUpWhenItIsThere() {
        create("early");
        eventually(() -> assertThat(cluster.condition("early", "Ready")).isEqualTo("False/SecretNotFound"));
        assertThat(cluster.message("early", "Stalled"))
                .contains("Secret early in namespace " + cluster.namespace())
                .contains("node-1.conf")
                .contains("wg.conf");
        nothingIsBegun("early");

        cluster.secret("early", Map.of("wg.conf", TestCluster.configuration(0)));
        eventually(() -> assertThat(cluster.condition("early", "Ready")).isEqualTo("True/Up"));
        assertThat(cluster.condition("early", "Stalled")).isEqualTo("False/Settled");
    }

    @Test
    void aSecretWithoutAKeyForANodeNamesTheKeyAndLetsTheOtherNodesComeUp() {
        cluster.node("node-2");
        cluster.secret("partly", Map.of("node-2.conf", TestCluster.configuration(0)));
        create("partly");
        eventually(() -> assertThat(cluster.condition("partly", "Ready")).isEqualTo("False/SecretKeyMissing"));
        assertThat(cluster.message("partly", "Stalled")).contains("node-1.conf");
        eventually(() -> assertThat(cluster.instance("partly")
                        .orElseThrow()
                        .getStatus()
                        .nodes()
                        .ready())
                .isEqualTo(1));
    }

    @Test
    void aMalformedConfigurationNamesItsLineAndNeverShowsAKey() {
        String key = "QKBLrJFvPZC7dxWkWwsFhhGXQKWfvvgqWz0pBqO0cVs=";
        cluster.secret("typo", Map.of("wg.conf", "[Interface]\nPrivatKey = " + key + "\n"));
        create("typo");
        eventually(() -> assertThat(cluster.condition("typo", "Ready")).isEqualTo("False/InvalidConfiguration"));
        assertThat(cluster.message("typo", "Stalled"))
                .contains("Secret typo in namespace " + cluster.namespace())
                .contains("key wg.conf")
                .contains("line 2")
                .doesNotContain(key);
        nothingIsBegun("typo");
    }

    @Test
    void oneKeyForTwoNodesIsRefusedUntilEachHasItsOwn() {
        cluster.node("node-2");
        cluster.secret("shared", Map.of("wg.conf", TestCluster.configuration(0)));
        create("shared");
        eventually(() -> assertThat(cluster.condition("shared", "Ready")).isEqualTo("False/SharedIdentity"));
        assertThat(cluster.message("shared", "Stalled")).contains("node-1, node-2");
        nothingIsBegun("shared");
    }

    @Test
    void aSecondNodeThatWouldShareTheKeyAddsNothingAndEndsNothing() {
        cluster.secret("single", Map.of("wg.conf", TestCluster.configuration(0)));
        create("single");
        eventually(() -> assertThat(cluster.condition("single", "Ready")).isEqualTo("True/Up"));
        String before = cluster.attachments("single").getFirst().getMetadata().getUid();
        cluster.node("node-2");
        eventually(() -> assertThat(cluster.condition("single", "Ready")).isEqualTo("False/SharedIdentity"));
        assertThat(cluster.attachments("single"))
                .extracting(attachment -> attachment.getMetadata().getUid())
                .containsExactly(before);
        assertThat(cluster.attachments("single").getFirst().getSpec().detach()).isNull();
    }

    @Test
    void aConfigurationOfAnotherTypeIsRefused() {
        cluster.secret("mistaken", Map.of("node-1.conf", TestCluster.configuration(0)));
        VpnInstance instance = cluster.instance("mistaken", "mistaken");
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .type(VpnType.IPSEC)
                .build());
        cluster.admin().resource(instance).create();
        eventually(() -> assertThat(cluster.condition("mistaken", "Ready")).isEqualTo("False/InvalidConfiguration"));
        assertThat(cluster.message("mistaken", "Stalled")).contains("node-1.conf", "line 1");
        nothingIsBegun("mistaken");
        cluster.admin().resource(instance).delete();
        cluster.gone("mistaken");
    }

    @Test
    void resourcesThatTheApiServerRefusesAreShownWithItsWords() {
        cluster.secret("greedy", Map.of("wg.conf", TestCluster.configuration(0)));
        VpnInstance instance = cluster.instance("greedy", "greedy");
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .resources(new TunnelResources(new ResourceAmounts("2", null), new ResourceAmounts("1", null)))
                .build());
        cluster.admin().resource(instance).create();
        eventually(() -> assertThat(cluster.condition("greedy", "Stalled")).isEqualTo("True/InvalidConfiguration"));
        assertThat(cluster.message("greedy", "Stalled")).contains("cpu").contains("limit");
    }
}
