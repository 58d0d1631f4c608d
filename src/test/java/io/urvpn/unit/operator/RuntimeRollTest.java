package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.operator.RuntimeRoll;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RuntimeRollTest {
    private final List<Pod> pods = new ArrayList<>();
    private final List<VpnAttachment> attachments = new ArrayList<>();
    private final Set<String> changed = new HashSet<>();
    private DaemonSet daemonSet = daemonSet(3, 3);

    private static DaemonSet daemonSet(long generation, long observed) {
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withGeneration(generation)
                .endMetadata()
                .withNewSpec()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("urvpn.io/revision", "new")
                .endMetadata()
                .endTemplate()
                .endSpec()
                .withNewStatus()
                .withObservedGeneration(observed)
                .endStatus()
                .build();
    }

    /** A node whose pod has this revision, and whose agent says Ready of the pod of this uid. */
    private void node(String name, String revision, String ready, String ofPod) {
        pods.add(pod(name, revision));
        VpnAttachment attachment = Samples.attachment(name);
        attachment.setStatus(VpnAttachmentStatusBuilder.builder()
                .observedGeneration(1L)
                .permittedPodUid(ofPod)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(ready)
                        .withReason("WaitingForHandshake")
                        .withMessage("no peer")
                        .build()))
                .build());
        attachments.add(attachment);
    }

    private void node(String name, String revision, String ready) {
        node(name, revision, ready, "pod-" + name + "-" + revision);
    }

    private static Pod pod(String node, String revision) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("urvpn-" + node)
                .withUid("pod-" + node + "-" + revision)
                .addToLabels("urvpn.io/revision", revision)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .build();
    }

    private Optional<RuntimeRoll> roll(String... away) {
        return RuntimeRoll.of(daemonSet, pods, attachments, changed, Set.of(away));
    }

    private Optional<String> next(String... away) {
        return roll(away).flatMap(RuntimeRoll::next).map(pod -> pod.getSpec().getNodeName());
    }

    @Test
    void nothingIsReplacedWhereEachPodIsAsItShouldBe() {
        node("a", "new", "True");
        node("b", "new", "False");
        assertThat(roll()).isEmpty();
    }

    @Test
    void oneIsReplacedAndTheNextOnlyWhenItsTunnelIsUpInTheNewPod() {
        node("a", "old", "True");
        node("b", "old", "True");
        assertThat(next()).contains("a");

        Pod ending = pods.removeFirst();
        ending.getMetadata().setDeletionTimestamp("2026-11-01T00:00:00Z");
        pods.add(ending);
        assertThat(next()).isEmpty();
        pods.remove(ending);
        assertThat(next()).isEmpty();
        assertThat(roll().orElseThrow().message()).contains("node a is ready: it has no pod");

        pods.add(pod("a", "new"));
        // the agent still speaks of the pod before
        assertThat(next()).isEmpty();
        attachments.removeFirst();
        pods.removeLast();
        node("a", "new", "True");
        assertThat(next()).contains("b");
        assertThat(roll().orElseThrow().message()).isEqualTo("1 of 2 nodes have their new pod; node b is next");
    }

    @Test
    void itStopsWhereOneDoesNotComeBackAndSaysWhy() {
        node("a", "new", "False");
        node("b", "old", "True");
        assertThat(roll()).hasValueSatisfying(roll -> {
            assertThat(roll.next()).isEmpty();
            assertThat(roll.message())
                    .isEqualTo("0 of 2 nodes have their new pod; no other is replaced before node a is ready: "
                            + "WaitingForHandshake, no peer");
        });
    }

    @Test
    void aNodeWhoseConfigurationChangedIsReplacedInItsTurnAndNoOther() {
        node("a", "new", "True");
        node("b", "new", "True");
        node("c", "new", "True");
        changed.addAll(Set.of("b", "c"));
        assertThat(next()).contains("b");

        changed.remove("b");
        attachments.remove(1);
        pods.remove(1);
        node("b", "new", "False");
        assertThat(next()).isEmpty();
        assertThat(roll().orElseThrow().message())
                .isEqualTo("1 of 3 nodes have their new pod; no other is replaced before node b is ready: "
                        + "WaitingForHandshake, no peer");
        // what was wrong is put right in the Secret
        changed.add("b");
        assertThat(next()).contains("b");
    }

    @Test
    void oneThatIsDownIsReplacedFirst() {
        node("a", "old", "True");
        node("b", "old", "False");
        assertThat(next()).contains("b");
    }

    @Test
    void aNodeThatIsAwayIsNotWaitedForAndTakesItsTurnLater() {
        node("a", "old", "True");
        node("b", "new", "False");
        assertThat(next("b")).contains("a");
        assertThat(roll("a", "b")).isEmpty();
    }

    @Test
    void nothingIsEndedBeforeTheDaemonSetControllerKnowsWhatItsSuccessorIsToBe() {
        node("a", "old", "True");
        daemonSet = daemonSet(4, 3);
        assertThat(next()).isEmpty();
    }

    /** The volume from which a pod of node a sees these keys. */
    private static Volume files(String... keys) {
        return new VolumeBuilder()
                .withName("files")
                .withNewProjected()
                .addNewSource()
                .withNewSecret()
                .withItems(Stream.of(keys)
                        .map(key -> new KeyToPathBuilder()
                                .withKey(key)
                                .withPath("a/" + key)
                                .build())
                        .toList())
                .endSecret()
                .endSource()
                .endProjected()
                .build();
    }

    private void template(String... keys) {
        daemonSet
                .getSpec()
                .getTemplate()
                .setSpec(new PodSpecBuilder().withVolumes(files(keys)).build());
    }

    @Test
    void aTunnelThatIsUpIsNotRestartedForAFileThatItsPodDoesNotSee() {
        template("ca.crt");
        node("a", "new", "True");
        assertThat(roll()).isEmpty();
    }

    @Test
    void aPodThatCannotComeUpWithoutAFileIsReplacedWhateverOtherNodesAreWaitedFor() {
        template("ca.crt", "login");
        node("a", "new", "False");
        node("b", "new", "False");
        pods.getFirst().getSpec().setVolumes(List.of(files("ca.crt")));
        assertThat(next()).contains("a");
        pods.getFirst().getSpec().setVolumes(List.of(files("ca.crt", "login")));
        assertThat(roll()).isEmpty();
    }
}
