package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of an OpenVPN tunnel. */
class OpenVpnTest extends DaemonLife {
    OpenVpnTest() {
        super(PeerType.OPENVPN, "remote");
    }

    /** Lines of its key, and of that which it shares with the server. */
    @Override
    List<String> secretsOf(String configuration) {
        return configuration
                .lines()
                .dropWhile(line -> !line.equals("<key>"))
                .filter(line -> line.matches("[A-Za-z0-9+/=]{32,}"))
                .toList();
    }

    @Test
    void theStatusTellsWhatTheServerGave() {
        String server = CLUSTER.script("peer", "config", "n1", "openvpn")
                .lines()
                .filter(line -> line.startsWith("remote "))
                .findFirst()
                .orElseThrow()
                .split(" ")[1];
        for (Node node : List.of(N1, N2)) {
            toldBy(node, "CONNECTED", 24, 64);
            assertThat(connection(node).endpoint()).isEqualTo(server + ":1194");
            assertThat(connection(node).pushedRoutes()).containsExactly("10.211.0.0/24");
        }
        routedByTheSpecAlone();
    }
}
