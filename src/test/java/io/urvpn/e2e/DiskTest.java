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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A disk under the agent's state that is full, read-only or has been damaged: what is not on record is not done. */
class DiskTest {
    private static final String STATE = "/var/lib/ur-vpn";
    private static final Node N1 = new Node("n1");

    private final Tunnel tunnel = Tunnel.named("disk").onlyOn("n1").cleanup("{verificationDelaySeconds: 0}");

    /** A small file system over the agent's state, with what is there; the agent's pod sees it from its next start on. */
    @BeforeAll
    static void mount() {
        CLUSTER.bash("n1", """
                mkdir -p /run/small && mount -t tmpfs -o size=256k tmpfs /run/small
                cp -a $1/. /run/small/ && mount --bind /run/small $1
                """, STATE);
        renewAgent();
    }

    @AfterAll
    static void unmount() {
        CLUSTER.bash("n1", """
                mount -o remount,rw /run/small; rm -f /run/small/filler; umount $1
                rm -rf $1/registry && cp -a /run/small/. $1/ && umount /run/small
                """, STATE);
        renewAgent();
    }

    private static void renewAgent() {
        String agent = agent();
        CLUSTER.kubectl("delete", "pod", "-n", NAMESPACE, agent);
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(60))
                .until(() -> !agent().equals(agent));
        CLUSTER.kubectl("rollout", "status", "daemonset/ur-vpn-agent", "-n", NAMESPACE, "--timeout=60s");
    }

    private static String agent() {
        return CLUSTER.client
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

    @AfterEach
    void remove() {
        writable();
        tunnel.remove();
    }

    private static void full() {
        CLUSTER.bash("n1", "dd if=/dev/zero of=$1/filler bs=4k 2>/dev/null; true", STATE);
    }

    private static void readOnly() {
        CLUSTER.on("n1", "mount", "-o", "remount,ro", "/run/small");
    }

    private static void writable() {
        CLUSTER.bash("n1", "mount -o remount,rw /run/small; rm -f $1/filler", STATE);
    }

    private void awaitReason(String reason) {
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tunnel.notReady()).singleElement().satisfies(node -> {
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

        writable();
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
                .untilAsserted(() -> assertThat(tunnel.attachment("n1").getStatus().conditions())
                        .anySatisfy(condition -> assertThat(condition.getReason()).isEqualTo(Reasons.JOURNAL_UNWRITABLE)));
        assertThat(tunnel.condition("Reconciling").orElseThrow().getMessage()).contains("n1");
        assertThat(N1.rules()).isEqualTo(rules);
        assertThat(N1.tracesOf(uid, link)).anyMatch(line -> line.contains("wireguard-go"));

        writable();
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
