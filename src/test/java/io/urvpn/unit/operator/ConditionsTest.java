package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.operator.CleanupPolicies;
import io.urvpn.operator.Conditions;
import io.urvpn.operator.ObjectNames;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Conditions, policies and names. */
class ConditionsTest {
    private static final Instant T0 = Instant.parse("2026-11-01T10:00:00.123Z");

    @Test
    void theTransitionTimeStaysWhileTheStatusStays() {
        List<Condition> first = new Conditions(null, 1, T0)
                .set("Ready", false, "WaitingForPod", "a")
                .list();
        List<Condition> second = new Conditions(first, 2, T0.plusSeconds(60))
                .set("Ready", false, "WaitingForHandshake", "b")
                .list();
        List<Condition> third = new Conditions(second, 2, T0.plusSeconds(90))
                .set("Ready", true, "Up", "c")
                .list();
        assertThat(second.getFirst().getLastTransitionTime()).isEqualTo("2026-11-01T10:00:00Z");
        assertThat(second.getFirst().getObservedGeneration()).isEqualTo(2);
        assertThat(third.getFirst().getLastTransitionTime()).isEqualTo("2026-11-01T10:01:30Z");
    }

    @Test
    void aMessageIsCutToWhatTheApiTakes() {
        String message = new Conditions(null, 1, T0)
                .set("Ready", false, "X", "y".repeat(5000))
                .list()
                .getFirst()
                .getMessage();
        assertThat(message).hasSize(1024).endsWith("…");
    }

    @Test
    void whatAnInstanceDoesNotSayOfItsCleanupComesFromTheSettings() {
        CleanupPolicy defaults =
                new CleanupPolicy(5, 3, 10, 60, 5, 300, "5m", ReleaseWhen.NEVER, VerifyPolicy.ALL, 604800);
        CleanupPolicy written = CleanupPolicyBuilder.builder()
                .verificationDelaySeconds(0)
                .verify(new VerifyPolicy(null, false, null, null))
                .build();
        CleanupPolicy complete = CleanupPolicies.complete(written, defaults);
        assertThat(complete.verificationDelaySeconds()).isZero();
        assertThat(complete.retryBackoffSeconds()).isEqualTo(10);
        assertThat(complete.verify()).isEqualTo(new VerifyPolicy(true, false, true, true));
        assertThat(CleanupPolicies.complete(null, defaults)).isEqualTo(defaults);
    }

    @Test
    void namesFollowFromInstanceAndNode() {
        assertThat(ObjectNames.attachment(Samples.UID, "node-1"))
                .isEqualTo(ObjectNames.attachment(Samples.UID, "node-1"))
                .matches("vpnatt-[0-9a-f]{32}")
                .isNotEqualTo(ObjectNames.attachment(Samples.UID, "node-2"));
        assertThat(ObjectNames.daemonSet(Samples.UID)).isEqualTo("urvpn-01234567");
        assertThat(ObjectNames.interfaceName(Samples.instance())).isEqualTo("urv01234567");
    }

    @Test
    void aLabelTakesALongNameCut() {
        String name = "a".repeat(62) + ".b" + "c".repeat(100);
        assertThat(ObjectNames.labels(name, Samples.UID).get("urvpn.io/instance"))
                .isEqualTo("a".repeat(62));
    }
}
