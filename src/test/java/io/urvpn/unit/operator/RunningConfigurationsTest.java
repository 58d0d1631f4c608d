package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.operator.ConfigurationDigests;
import io.urvpn.operator.Identities;
import io.urvpn.operator.Identities.SecretName;
import io.urvpn.operator.RunningConfigurations;
import io.urvpn.tunnel.TunnelType;
import io.urvpn.unit.tunnel.OpenVpnSamples;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunningConfigurationsTest {
    private static final Optional<Instant> WRITTEN = Optional.of(Instant.parse("2026-11-01T10:00:00Z"));

    private final VpnAttachment attachment = Samples.attachment("a");

    private static Pod pod(String uid, String started) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .withNodeName("a")
                .endSpec();
        return started == null
                ? pod.build()
                : pod.withNewStatus()
                        .addNewContainerStatus()
                        .withNewState()
                        .withNewRunning()
                        .withStartedAt(started)
                        .endRunning()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build();
    }

    private RunningConfigurations running(String digest, Pod... pods) {
        return RunningConfigurations.of(Map.of("a", digest), "key-1", WRITTEN, List.of(pods), List.of(attachment));
    }

    /** As the operator writes it down. */
    private void recorded(RunningConfigurations running) {
        assertThat(running.unrecorded()).hasSize(1);
        attachment
                .getMetadata()
                .setAnnotations(new HashMap<>(Map.of(
                        "urvpn.io/configuration",
                        running.unrecorded().getFirst().value())));
    }

    @Test
    void aPodHasWhatWasThereWhenItWasFirstSeenUntilItIsMadeAnew() {
        RunningConfigurations first = running("one", pod("p1", null));
        assertThat(first.outdated()).isEmpty();
        recorded(first);

        assertThat(running("one", pod("p1", "2026-11-01T09:00:00Z"))).isEqualTo(RunningConfigurations.NONE);
        RunningConfigurations changed = running("two", pod("p1", "2026-11-01T09:00:00Z"));
        assertThat(changed.outdated()).containsExactly("a");
        assertThat(changed.unrecorded()).isEmpty();

        RunningConfigurations anew = running("two", pod("p2", null));
        assertThat(anew.outdated()).isEmpty();
        recorded(anew);
        assertThat(running("two", pod("p2", null))).isEqualTo(RunningConfigurations.NONE);
    }

    @Test
    void aPodThatRunsAlreadyHasTheSecretThatWasWrittenBeforeItsStart() {
        assertThat(running("one", pod("p1", "2026-11-01T10:00:00Z")).outdated()).isEmpty();
        RunningConfigurations unknown = running("one", pod("p1", "2026-11-01T09:59:59Z"));
        assertThat(unknown.outdated()).containsExactly("a");
        recorded(unknown);
        assertThat(running("one", pod("p1", "2026-11-01T09:59:59Z")).outdated()).containsExactly("a");
    }

    @Test
    void digestsOfAnotherKeySayNothing() {
        attachment.getMetadata().setAnnotations(Map.of("urvpn.io/configuration", "p1 key-0 other"));
        RunningConfigurations running = running("one", pod("p1", "2026-11-01T10:00:01Z"));
        assertThat(running.outdated()).isEmpty();
        assertThat(running.unrecorded())
                .extracting(RunningConfigurations.Entry::value)
                .containsExactly("p1 key-1 one");
    }

    @Test
    void aNodeWithoutAConfigurationThatCanBeUsedOrWithoutAPodIsLeftAlone() {
        assertThat(running("one")).isEqualTo(RunningConfigurations.NONE);
        Pod ending = pod("p1", null);
        ending.getMetadata().setDeletionTimestamp("2026-11-01T10:00:00Z");
        assertThat(running("one", ending)).isEqualTo(RunningConfigurations.NONE);
        assertThat(RunningConfigurations.of(Map.of(), "key-1", WRITTEN, List.of(pod("p1", null)), List.of(attachment)))
                .isEqualTo(RunningConfigurations.NONE);
    }

    private static Map<String, String> digests(byte seed, Map<String, String> data) {
        byte[] key = new byte[32];
        key[0] = seed;
        var secret = Samples.secret(data);
        return Identities.of(TunnelType.OPENVPN, new SecretName("ns", "office"), Optional.of(secret), List.of("a", "b"))
                .digests(new ConfigurationDigests(key), Samples.UID, secret);
    }

    @Test
    void aDigestIsOfANodesOwnConfigurationAndTheFilesThatItNamesAndOfNothingElse() {
        Map<String, String> data = new HashMap<>(Map.of(
                "a.conf", OpenVpnSamples.WITH_NAME, "b.conf", OpenVpnSamples.INLINE, "login", "branch7\nsecret\n"));
        Map<String, String> before = digests((byte) 1, data);
        assertThat(before.values()).doesNotHaveDuplicates();
        assertThat(digests((byte) 2, data).values()).doesNotContainAnyElementsOf(before.values());

        data.put("other", "of no node");
        assertThat(digests((byte) 1, data)).isEqualTo(before);
        data.put("login", "branch7\nanother\n");
        assertThat(digests((byte) 1, data).get("a")).isNotEqualTo(before.get("a"));
        assertThat(digests((byte) 1, data).get("b")).isEqualTo(before.get("b"));
        data.put("b.conf", OpenVpnSamples.INLINE + "# a word\n");
        assertThat(digests((byte) 1, data).get("b")).isNotEqualTo(before.get("b"));
    }
}
