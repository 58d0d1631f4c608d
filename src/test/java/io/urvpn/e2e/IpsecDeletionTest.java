package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** IPsec tunnels that are deleted, and such as are refused. */
class IpsecDeletionTest extends DaemonDeletions {
    IpsecDeletionTest() {
        super(PeerType.IPSEC, "closing", Tunnel.openVpn("neighbour"), "10.210.0.1");
    }

    @Test
    void thePeerIsToldAndForgetsTheNodesAtOnce() {
        tunnel.apply().ready();
        assertThat(CLUSTER.script("peer", "show", "ipsec").lines()).hasSize(2);

        tunnel.delete();

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() ->
                        assertThat(CLUSTER.script("peer", "show", "ipsec")).isEmpty());
    }

    @Test
    void aSettingThatRunsAProgramIsRefusedByItsLineAndASecretMayBeAKeyOfTheSecret() {
        String inline = CLUSTER.script("peer", "config", "n1", "ipsec");
        long line =
                inline.lines().takeWhile(one -> !one.strip().equals("net {")).count() + 2;
        isRefused(inline.replace("net {\n", "net {\nupdown = /bin/sh\n"), line, "updown");

        String secret = inline.split("secret = \"")[1].split("\"")[0];
        livesAndGoesWith(Map.of("n1.conf", inline.replace("secret = \"" + secret + "\"", "file = psk"), "psk", secret));
    }
}
