package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** OpenVPN tunnels that are deleted, and such as are refused. */
class OpenVpnDeletionTest extends DaemonDeletions {
    OpenVpnDeletionTest() {
        super(PeerType.OPENVPN, "leaving", Tunnel.named("staying"), "10.200.0.1");
    }

    @Test
    void aDirectiveThatRunsAProgramIsRefusedByItsLineAndFilesMayBeKeysOfTheSecret() {
        String inline = CLUSTER.script("peer", "config", "n1", "openvpn");
        long line = inline.lines().takeWhile(one -> !one.equals("nobind")).count() + 2;
        isRefused(inline.replace("nobind\n", "nobind\nup /bin/sh\n"), line, "up");

        String begin = "<ca>\n";
        String end = "</ca>\n";
        String authority = inline.substring(inline.indexOf(begin) + begin.length(), inline.indexOf(end));
        livesAndGoesWith(
                Map.of("n1.conf", inline.replace(begin + authority + end, "ca ca.crt\n"), "ca.crt", authority));
    }
}
