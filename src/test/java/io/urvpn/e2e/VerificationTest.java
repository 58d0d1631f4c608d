package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Verified means that the node was read again: what is put back behind the agent's back is found. */
class VerificationTest {
    private static final Node N1 = new Node("n1");

    private final Tunnel tunnel = Tunnel.named("verified");

    @AfterEach
    void remove() {
        CLUSTER.tryOn("n1", "", "bash", "-c", "chattr -R -i /var/lib/ur-vpn; pkill -9 -f 'sleep 77777' || true");
        tunnel.remove();
    }

    private VpnCleanup operation() {
        return tunnel.operation().orElseThrow();
    }

    private NodeCleanup onN1() {
        return operation().getStatus().nodes().stream()
                .filter(node -> node.node().equals("n1"))
                .findFirst()
                .orElseThrow();
    }

    private void awaitStepsDone() {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> tunnel.attachments().stream()
                        .allMatch(attachment -> attachment.getStatus().detach() != null
                                && attachment.getStatus().detach().stepsCompletedAt() != null));
        await().atMost(Duration.ofSeconds(20)).until(() -> tunnel.pods("n1").isEmpty());
    }

    @Test
    void aRuleARouteAFileAndAProcessPutBackAreFoundAndTheRetryCleansThem() {
        tunnel.onlyOn("n1")
                .cleanup("{verificationDelaySeconds: 15, retryBackoffSeconds: 2}")
                .apply()
                .ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        String table = String.valueOf(tunnel.attachment("n1").getStatus().table());
        tunnel.beginDelete();
        awaitStepsDone();
        CLUSTER.bash("n1", """
                ip rule add pref $1 table $1 proto 200 to 192.0.2.0/24
                ip route add blackhole 192.0.2.0/24 table $1 proto 200
                mkdir -p /var/lib/ur-vpn/$2 && echo left >/var/lib/ur-vpn/$2/left
                URVPN_INSTANCE_UID=$2 setsid sleep 77777 >/dev/null 2>&1 </dev/null &
                """, table, uid);

        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(onN1().verdict()).isNotNull().satisfies(verdict -> {
                    assertThat(verdict.clean()).isFalse();
                    assertThat(verdict.report().thread().details()).contains("sleep");
                    assertThat(verdict.report().routing().ruleCount()).isEqualTo(2);
                    assertThat(verdict.report().routing().details()).contains("192.0.2.0/24");
                    assertThat(verdict.report().configuration().details()).contains("left");
                    assertThat(verdict.failed())
                            .contains(Component.ROUTING_RULES_CLEAR, Component.CONFIGURATION_UPDATE);
                }));
        assertThat(operation().getStatus().phase()).isEqualTo(OperationPhase.IN_PROGRESS);

        await().atMost(Duration.ofSeconds(30)).until(() -> tunnel.find().isEmpty());
        assertThat(operation().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        assertThat(onN1().attempts()).isEqualTo(2);
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> N1.hasNoTraceOf(uid, link));
    }

    @Test
    void whatCannotBeRemovedEndsInFailedAndFinishesByItselfWhenTheCauseGoes() {
        tunnel.onlyOn("n1")
                .cleanup("{verificationDelaySeconds: 8, retryBackoffSeconds: 1, blockedRetrySeconds: 3}")
                .apply()
                .ready();
        String uid = tunnel.uid();
        tunnel.beginDelete();
        awaitStepsDone();
        CLUSTER.bash("n1", "d=/var/lib/ur-vpn/$1; mkdir -p $d; echo held >$d/held; chattr +i $d/held", uid);

        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(operation().getStatus().phase()).isEqualTo(OperationPhase.FAILED));
        assertThat(onN1().attempts()).isGreaterThanOrEqualTo(4);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(
                                tunnel.get().getStatus().cleanup().components())
                        .filteredOn(component -> component.component() == Component.VERIFICATION_JOB)
                        .singleElement()
                        .satisfies(component -> assertThat(component.status()).isEqualTo(ComponentState.FAILED)));
        String message = tunnel.awaitCondition("Stalled", "True", "VerificationFailed");
        assertThat(message).contains("n1", "held", "kubectl");

        CLUSTER.on("n1", "chattr", "-i", "/var/lib/ur-vpn/" + uid + "/held");
        await().atMost(Duration.ofSeconds(30)).until(() -> tunnel.find().isEmpty());
        assertThat(operation().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
    }
}
