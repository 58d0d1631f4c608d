package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code killSwitch}: what is for the tunnel leaves by the tunnel or not at all. Node and pod never cease to send. */
class LeakTest {
    static final int KILLS = 4;
    /** Seconds after which a daemon counts as healthy to its launcher (healthyAfter of supervisor.go). */
    static final int HEALTHY = 11;

    private static final String[] TUNNELLED = {"10.200.0.0/24", "fd00:200::/64"};
    private static final Node N1 = new Node("n1");

    private final Tunnel tunnel = Tunnel.named("tight").onlyOn("n1").with("masquerade: true");

    @AfterEach
    void remove() {
        stopSending();
        tunnel.remove();
    }

    /** A hundred packets a second for each family, from the node and from a pod. */
    private static void send(PodOnNode pod) {
        pod.pingsFor("10.200.0.1");
        for (String address : List.of("10.200.0.1", "fd00:200::1")) {
            CLUSTER.bash("n1", "setsid ping -q -i 0.01 \"$1\" >/dev/null 2>&1 </dev/null &", address);
        }
    }

    private static void stopSending() {
        CLUSTER.bash("n1", "pkill -x ping || true");
    }

    private void killed() {
        List<String> daemon = N1.pids("wireguard-go", tunnel.link());
        N1.kill(daemon);
        await("the daemon is back")
                .atMost(Duration.ofSeconds(45))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> N1.pids("wireguard-go", tunnel.link()).stream().anyMatch(pid -> !daemon.contains(pid)));
        await("its tunnel carries traffic")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(45))
                .until(this::answers);
    }

    private int daemonAge() {
        String pid = N1.pids("wireguard-go", tunnel.link()).getFirst();
        return Integer.parseInt(
                CLUSTER.on("n1", "ps", "-o", "etimes=", "-p", pid).strip());
    }

    private boolean answers() {
        return CLUSTER.tryOn("n1", "", "ping", "-q", "-c", "1", "-W", "1", "10.200.0.1")
                        .exit()
                == 0;
    }

    @Test
    void nothingForTheTunnelLeavesByAnotherWayWhileItsDaemonIsKilledAgainAndAgainNorInADeletionBeforeItsRulesGo() {
        leaksNothingIn(KILLS, 0);
    }

    /** @param age of the daemon at each kill at least, in seconds */
    void leaksNothingIn(int kills, int age) {
        try (PodOnNode pod = PodOnNode.start("sender", "n1")) {
            tunnel.apply().ready();
            send(pod);
            Recorder open = Recorder.on("n1", TUNNELLED);
            killed();
            assertThat(open.packets())
                    .as("without the kill switch they leave in the clear")
                    .isNotEmpty();

            CLUSTER.kubectl("patch", "vpn", tunnel.name, "--type=merge", "-p", "{\"spec\":{\"killSwitch\":true}}");
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> N1.packetFilter().stream().anyMatch(line -> line.contains("chain killswitch")));
            Recorder tight = Recorder.on("n1", TUNNELLED);
            for (int i = 0; i < kills; i++) {
                await().atMost(Duration.ofSeconds(age + 5L)).until(() -> daemonAge() >= age);
                killed();
            }
            assertThat(tight.packets()).isEmpty();

            tunnel.delete();
            Instant rulesGo = routingStep().startedAt();
            await("what was for the tunnel leaves as if there had never been one")
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> !tight.packets().isEmpty());
            assertThat(tight.packets().getFirst()).isAfterOrEqualTo(rulesGo);
        }
    }

    private ComponentStatus routingStep() {
        return tunnel.cleanupOn("n1").components().stream()
                .filter(one -> one.component() == Component.ROUTING_RULES_CLEAR)
                .findFirst()
                .orElseThrow();
    }
}
