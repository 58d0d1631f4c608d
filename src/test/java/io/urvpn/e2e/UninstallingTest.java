package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.VpnAttachment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The chart is uninstalled while there are tunnels, or deletions under way. */
class UninstallingTest {
    private final Tunnel tunnel = Tunnel.named("stays");
    private final Tunnel other = Tunnel.unanswered("stays-too", 1).onlyOn("n2");
    private final Node second = new Node("n2");

    @AfterEach
    void putBack() {
        Release.putBack();
        tunnel.remove();
        other.remove();
    }

    private static boolean isThere(String resource) {
        return !CLUSTER.kubectl("get", resource, "-n", NAMESPACE, "--ignore-not-found")
                .isBlank();
    }

    private static void podsAreGone() {
        for (String component : List.of("operator", "agent")) {
            CLUSTER.kubectl(
                    "wait",
                    "pod",
                    "-n",
                    NAMESPACE,
                    "-l",
                    "app.kubernetes.io/component=" + component,
                    "--for=delete",
                    "--timeout=60s");
        }
    }

    /** Where nothing could clean the nodes afterwards. */
    private static void neitherKindsNorNamespaceCanBeDeleted() {
        for (String object : List.of(
                "namespace/" + NAMESPACE,
                "crd/vpninstances.urvpn.io",
                "crd/vpnattachments.urvpn.io",
                "crd/vpncleanups.urvpn.io",
                "crd/vpnnodes.urvpn.io")) {
            Cluster.Result refused = CLUSTER.tryScript("kubectl", "delete", object, "--dry-run=server");
            assertThat(refused.exit()).as(refused.out()).isNotZero();
            assertThat(refused.out()).contains("nothing could clean its nodes any more");
        }
    }

    @Test
    void isRefusedWhileThereIsATunnelAndThenCleansItFirstInAsManyRunsAsThatTakes() {
        tunnel.apply().ready();
        refusedAndNothingDeleted();
        Release.upgrade("uninstall.policy=DeleteInstances", "uninstall.timeoutSeconds=10");
        String uid = tunnel.uid();
        String link = tunnel.link();
        second.signalAgent("STOP");
        try {
            Cluster.Result open = Release.uninstall();
            assertThat(open.exit()).isNotZero();
            assertThat(open.out()).contains("after 10 s these are still open: VpnInstance stays, VpnAttachment ");
            assertThat(tunnel.get().isMarkedForDeletion()).isTrue();
            neitherKindsNorNamespaceCanBeDeleted();
        } finally {
            second.signalAgent("CONT");
        }
        Deletion begun = new Deletion(
                tunnel,
                uid,
                link,
                tunnel.operation().orElseThrow().getMetadata().getName(),
                2);

        Cluster.Result done = Release.uninstall();

        assertThat(done.exit()).as(done.out()).isZero();
        Deletion.allEndVerified(List.of(begun), Duration.ofSeconds(1));
        assertThat(CLUSTER.client.resources(VpnAttachment.class).list().getItems())
                .isEmpty();
        assertThat(isThere("deployment/ur-vpn-operator")).isFalse();
        assertThat(isThere("clusterrole/ur-vpn-operator")).isFalse();
        assertThat(isThere("crd/vpncleanups.urvpn.io")).isTrue();
        podsAreGone();
    }

    /** What the refusal says to do before a `helm upgrade` is done as it says. */
    private void refusedAndNothingDeleted() {
        String uid = tunnel.uid();
        List<String> before = second.tracesOf(uid, tunnel.link());
        String objects = installed();
        Cluster.Result refused = Release.uninstall();
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.out())
                .contains("exists, and nothing would take its tunnel down any more", "DeleteInstances");
        neitherKindsNorNamespaceCanBeDeleted();
        assertThat(installed()).isEqualTo(objects);
        assertThat(second.tracesOf(uid, tunnel.link())).isEqualTo(before);
        assertThat(tunnel.get().isMarkedForDeletion()).isFalse();
        Release.rollback(refused.out().replaceFirst("(?s).*helm rollback ur-vpn (\\d+).*", "$1"));
    }

    /** Names and uids of what the chart made. */
    private static String installed() {
        return CLUSTER.kubectl(
                "get",
                "deployment,daemonset,poddisruptionbudget,serviceaccount,configmap,role,rolebinding,clusterrole,clusterrolebinding,"
                        + "validatingadmissionpolicy,validatingadmissionpolicybinding,crd",
                "-n",
                NAMESPACE,
                "-l",
                "app.kubernetes.io/instance=ur-vpn",
                "-o",
                "custom-columns=KIND:.kind,NAME:.metadata.name,UID:.metadata.uid");
    }

    @Test
    void deletionsThatAreUnderWayAreFinishedByTheNextInstallation() {
        Release.upgrade("uninstall.policy=LeaveInstances");
        tunnel.cleanup("{verificationDelaySeconds: 10}").apply().ready();
        other.cleanup("{verificationDelaySeconds: 10}").apply().inPlace();
        List<Deletion> deletions = List.of(Deletion.begin(tunnel), Deletion.begin(other));

        Cluster.Result left = Release.uninstall();

        assertThat(left.exit()).as(left.out()).isZero();
        podsAreGone();
        assertThat(isThere("clusterrolebinding/ur-vpn-operator")).isFalse();
        assertThat(isThere("clusterrolebinding/ur-vpn-agent")).isFalse();
        assertThat(deletions).allMatch(Deletion::underWay);

        Release.upgrade();

        Deletion.allEndVerified(deletions, Duration.ofSeconds(60));
    }
}
