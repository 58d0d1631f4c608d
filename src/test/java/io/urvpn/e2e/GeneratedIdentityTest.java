package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnCleanup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that make their own keys come by themselves, and leave none behind. */
class GeneratedIdentityTest {
    private static final String PEER_LINK = "wg0";

    private final Tunnel tunnel = Tunnel.generated("fleet");
    private final List<String> taken = new ArrayList<>();

    @AfterEach
    void remove() {
        tunnel.remove();
        taken.forEach(key -> CLUSTER.tryOn("peer", "", "wg", "set", PEER_LINK, "peer", key, "remove"));
    }

    private VpnAttachmentStatus published(String node) {
        await(node + " publishes its key and its addresses")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    VpnAttachmentStatus status = tunnel.attachment(node).getStatus();
                    assertThat(status.publicKey()).matches("[A-Za-z0-9+/]{43}=");
                    assertThat(status.addresses()).hasSize(2);
                });
        return tunnel.attachment(node).getStatus();
    }

    /** What somebody, or something, does at the peer for each attachment. */
    private Map<String, String> letIn() {
        Map<String, String> keys = new HashMap<>();
        for (String node : Tunnel.NODES) {
            VpnAttachmentStatus status = published(node);
            keys.put(node, status.publicKey());
            taken.add(status.publicKey());
            CLUSTER.on(
                    "peer",
                    "wg",
                    "set",
                    PEER_LINK,
                    "peer",
                    status.publicKey(),
                    "allowed-ips",
                    String.join(",", status.addresses()));
        }
        return keys;
    }

    private void pings(String node) {
        assertThat(CLUSTER.on(node, "ping", "-q", "-c", "5", "-i", "0.05", "-W", "2", "10.200.0.1"))
                .contains("5 received");
        assertThat(CLUSTER.on(node, "ping", "-q", "-c", "5", "-i", "0.05", "-W", "2", "fd00:200::1"))
                .contains("5 received");
    }

    private static String keyFile(String uid) {
        return "/var/lib/ur-vpn/" + uid + "/private.key";
    }

    @Test
    void nodesComeByThemselvesAndTheirKeysGoWithThem() {
        tunnel.apply();
        String uid = tunnel.uid();
        Map<String, String> keys = letIn();
        tunnel.ready();

        assertThat(keys.values()).doesNotHaveDuplicates();
        assertThat(tunnel.attachments())
                .extracting(attachment -> attachment.getSpec().addresses())
                .containsExactlyInAnyOrder(
                        List.of("10.200.0.129/32", "fd00:200::1:1/128"),
                        List.of("10.200.0.130/32", "fd00:200::1:2/128"));
        Map<String, String> secrets = new HashMap<>();
        for (String node : Tunnel.NODES) {
            pings(node);
            assertThat(CLUSTER.on(node, "stat", "-c", "%a %U", keyFile(uid), "/run/ur-vpn/" + uid + "/private.key"))
                    .isEqualTo("600 root\n600 root\n");
            assertThat(CLUSTER.on(node, "stat", "-c", "%a", "/var/lib/ur-vpn/" + uid)
                            .strip())
                    .isEqualTo("700");
            String secret = CLUSTER.on(node, "cat", keyFile(uid)).strip();
            assertThat(Cluster.run(secret, List.of("wg", "pubkey")).out().strip())
                    .isEqualTo(keys.get(node));
            secrets.put(node, secret);
        }
        assertThat(CLUSTER.kubectl("get", "vpnatt", "-o", "wide"))
                .contains("PUBLIC-KEY")
                .contains(keys.values())
                .contains("10.200.0.129/32");
        neverLeft(secrets);

        tunnel.delete();

        VpnCleanup operation = tunnel.operation().orElseThrow();
        assertThat(operation.getStatus().nodes())
                .hasSize(2)
                .allSatisfy(node -> assertThat(node.outcome()).isEqualTo(Outcome.VERIFIED));
        for (String node : Tunnel.NODES) {
            assertThat(new Node(node).files()).as("files on %s", node).noneMatch(file -> file.contains(uid));
            assertThat(CLUSTER.tryOn(
                                    node,
                                    secrets.get(node) + "\n",
                                    "grep",
                                    "-rlF",
                                    "-f",
                                    "-",
                                    "/run/ur-vpn",
                                    "/var/lib/ur-vpn")
                            .out())
                    .as("the key of %s", node)
                    .isEmpty();
        }

        tunnel.apply();
        Map<String, String> next = letIn();
        tunnel.ready();
        assertThat(next.values()).doesNotContainAnyElementsOf(keys.values());
        Tunnel.NODES.forEach(this::pings);
    }

    /** No object that the API server shows, and no log, has a private key. */
    private void neverLeft(Map<String, String> secrets) {
        String shown = CLUSTER.kubectl(
                        "get", "vpn,vpnatt,vpnclean,vpnnodes,pods,daemonsets,secrets,events", "-A", "-o", "yaml")
                + CLUSTER.kubectl(
                        "logs", "-n", Cluster.NAMESPACE, "-l", "app.kubernetes.io/component=agent", "--tail=-1")
                + tunnel.pods().stream()
                        .map(pod -> CLUSTER.kubectl(
                                "logs",
                                "-n",
                                Cluster.NAMESPACE,
                                pod.getMetadata().getName()))
                        .reduce("", String::concat);
        secrets.forEach((node, secret) -> assertThat(shown.contains(secret))
                .as("the key of %s is shown", node)
                .isFalse());
        for (String node : Tunnel.NODES) {
            assertThat(CLUSTER.bash(node, "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
                            .contains(secrets.get(node)))
                    .as("the key of %s is an argument or in an environment", node)
                    .isFalse();
        }
    }

    @Test
    void aRebootedNodeComesBackWithItsKey() {
        tunnel.onlyOn("n2").apply();
        VpnAttachmentStatus before = published("n2");
        taken.add(before.publicKey());
        CLUSTER.on(
                "peer",
                "wg",
                "set",
                PEER_LINK,
                "peer",
                before.publicKey(),
                "allowed-ips",
                String.join(",", before.addresses()));
        tunnel.ready();
        String boot = before.bootId();

        CLUSTER.script("reboot", "n2");

        await("the tunnel is up after the reboot")
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> !boot.equals(tunnel.attachment("n2").getStatus().bootId()) && tunnel.readyOn("n2"));
        VpnAttachment after = tunnel.attachment("n2");
        assertThat(after.getStatus().publicKey()).isEqualTo(before.publicKey());
        assertThat(after.getSpec().addresses()).isEqualTo(before.addresses());
        pings("n2");
    }
}
