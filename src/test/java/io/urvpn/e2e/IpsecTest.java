package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of an IPsec tunnel. */
class IpsecTest extends DaemonLife {
    IpsecTest() {
        super(PeerType.IPSEC, "branch");
    }

    @Override
    List<String> secretsOf(String configuration) {
        return configuration
                .lines()
                .filter(line -> line.contains("secret = "))
                .map(line -> line.split("\"")[1])
                .toList();
    }

    @Test
    void theStatusTellsWhatThePeerGave() {
        for (Node node : List.of(N1, N2)) {
            toldBy(node, "ESTABLISHED", 32, 128);
            assertThat(connection(node).endpoint()).endsWith(".200:4500");
        }
        routedByTheSpecAlone();
        assertThat(N1.rules()).as("strongSwan's own table").noneMatch(rule -> rule.contains("lookup 220"));
    }
}
