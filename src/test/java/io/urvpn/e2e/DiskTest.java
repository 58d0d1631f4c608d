package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk under the agent's state that is full, read-only or has been damaged: what is not on record is not done. */
class DiskTest {
    private static final String STATE = "/var/lib/ur-vpn";
    private static final Node N1 = new Node("n1");

    private final Tunnel tunnel = Tunnel.named("disk").onlyOn("n1").cleanup("{verificationDelaySeconds: 0}");

    /** A small file system over the agent's state, with what is there; the agent's pod sees it from its next start on. */
    @BeforeEach
    void mount() {
        CLUSTER.bash("n1", """
                truncate -s 4M /run/small.img && mkfs.ext4 -q -m 0 /run/small.img
                mkdir -p /run/small && mount -o loop /run/small.img /run/small
                cp -a $1/. /run/small/ && umount /run/small && mount -o loop /run/small.img $1
                """, STATE);
        renewAgent();
    }

    @AfterEach
    void remove() {
        makeRoom();
        moveToAnotherDisk();
        tunnel.remove();
    }

    /** What an administrator does about a disk that has failed, while it can still be read. */
    private static void moveToAnotherDisk() {
        String moved = CLUSTER.bash("n1", """
                mountpoint -q $1 || exit 0
                rm -rf /run/moved && cp -a $1 /run/moved && umount $1
                rm -rf $1/* && cp -a /run/moved/. $1/ && rm -rf /run/moved /run/small.img && echo moved
                """, STATE);
        if (moved.contains("moved")) {
            renewAgent();
        }
    }

    private static void renewAgent() {
        String agent = agent();
        CLUSTER.kubectl("delete", "pod", "-n", NAMESPACE, agent);
        await().ignoreExceptions().atMost(Duration.ofSeconds(60)).until(() -> !agent().equals(agent));
        CLUSTER.kubectl("rollout", "status", "daemonset/ur-vpn-agent", "-n", NAMESPACE, "--timeout=60s");
    }

    private static String agent() {
        return CLUSTER
                .client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/component", "agent")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getSpec().getNodeName().equals("n1"))
                .map(pod -> pod.getMetadata().getName())
                .findFirst()
                .orElseThrow();
    }

    private static void full() {
        CLUSTER.bash("n1", "dd if=/dev/zero of=$1/filler bs=1k 2>/dev/null; sync; true", STATE);
    }

    private static void makeRoom() {
        CLUSTER.bash("n1", "rm -f $1/filler || true", STATE);
    }

    /** As ext4 does it by itself when its disk has failed. */
    private static void readOnly() {
        CLUSTER.on("n1", "mount", "-o", "remount,abort", STATE);
    }

    private void awaitReason(String reason) {
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tunnel.notReady())
                        .singleElement()
                        .satisfies(node -> {
                            assertThat(node.node()).isEqualTo("n1");
                            assertThat(node.reason()).isEqualTo(reason);
                        }));
    }

    @Test
    void onAFullDiskNothingIsBegunAndItGoesOnByItselfWhenThereIsRoom() {
        full();
        tunnel.apply();
        awaitReason(Reasons.JOURNAL_UNWRITABLE);
        assertThat(tunnel.condition("Stalled").orElseThrow().getMessage()).contains("n1", "journal");
        assertThat(N1.links()).noneMatch(line -> line.contains(" urv"));
        assertThat(N1.rules()).noneMatch(line -> line.contains("proto 200"));

        makeRoom();
        tunnel.ready();
    }

    @Test
    void aDeletionOverAReadOnlyStateRemovesNothingThatItCouldNotPutOnRecord() {
        tunnel.apply().ready();
        String uid = tunnel.uid();
        String link = tunnel.link();
        List<String> rules = N1.rules();
        readOnly();
        tunnel.beginDelete();
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(tunnel.attachment("n1").getStatus().conditions())
                                .anySatisfy(condition ->
                                        assertThat(condition.getReason()).isEqualTo(Reasons.JOURNAL_UNWRITABLE)));
        // the operator tells it when it has read it
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(
                                tunnel.condition("Reconciling").orElseThrow().getMessage())
                        .contains("n1"));
        assertThat(N1.rules()).isEqualTo(rules);
        assertThat(N1.tracesOf(uid, link)).anyMatch(line -> line.contains("wireguard-go"));

        moveToAnotherDisk();
        await().atMost(Duration.ofSeconds(60)).until(() -> tunnel.find().isEmpty());
        assertThat(tunnel.operation().orElseThrow().getStatus().phase()).isEqualTo(OperationPhase.COMPLETED);
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> N1.hasNoTraceOf(uid, link));
    }

    @Test
    void aDamagedJournalIsKeptAndNothingIsDoneUntilItIsPutRight() {
        tunnel.apply().ready();
        String uid = tunnel.uid();
        String entry = STATE + "/registry/" + uid + ".json";
        String whole = CLUSTER.on("n1", "cat", entry);
        CLUSTER.bash("n1", "head -c 100 $1 >$1.cut && cat $1.cut >$1 && rm $1.cut", entry);
        String damaged = CLUSTER.on("n1", "cat", entry);
        renewAgent();
        awaitReason(Reasons.UNKNOWN_JOURNAL);
        List<String> rules = N1.rules();
        tunnel.beginDelete();
        await().ignoreExceptions()
                .during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> {
                    assertThat(tunnel.attachment("n1").getStatus().conditions())
                            .anySatisfy(condition ->
                                    assertThat(condition.getReason()).isEqualTo(Reasons.UNKNOWN_JOURNAL));
                    assertThat(N1.rules()).isEqualTo(rules);
                });
        assertThat(CLUSTER.on("n1", "cat", entry)).isEqualTo(damaged);

        assertThat(CLUSTER.tryOn("n1", whole, "tee", entry).exit()).isZero();
        renewAgent();
        await().atMost(Duration.ofSeconds(60)).until(() -> tunnel.find().isEmpty());
        assertThat(tunnel.operation().orElseThrow().getStatus().nodes())
                .singleElement()
                .satisfies(node -> assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED));
    }
}
