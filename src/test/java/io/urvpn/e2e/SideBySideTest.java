package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Instances of every type on the same nodes, two of them with the same destination. */
class SideBySideTest {
    private static final String SHARED = "10.201.0.1";

    private final Tunnel first = Tunnel.named("first");
    private final Tunnel second =
            Tunnel.openVpn("second").routes("[{destination: 10.210.0.0/24}, {destination: " + SHARED + "/32}]");
    private final Tunnel third = Tunnel.ipsec("third");

    @AfterEach
    void remove() {
        Stream.of(first, second, third).forEach(Tunnel::remove);
    }

    private static void answers(String node, String address) {
        assertThat(CLUSTER.tryOn(node, "", "ping", "-q", "-c", "3", "-i", "0.05", "-W", "2", address)
                        .out())
                .as("%s from %s", address, node)
                .contains("3 received");
    }

    private static void leavesBy(String link) {
        for (String node : Tunnel.NODES) {
            assertThat(CLUSTER.on(node, "ip", "route", "get", SHARED)).contains("dev " + link + " ");
            answers(node, SHARED);
        }
    }

    @Test
    void aSharedDestinationIsTheFirstsUntilThatGoesAndNoneDisturbsTheOthers() {
        // a table of an instance before would be free for the second alone
        Tunnel.NODES.forEach(node -> await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(new Node(node).files()).noneMatch(file -> file.contains("/registry/"))));
        for (Tunnel tunnel : List.of(first, second, third)) {
            tunnel.apply().ready();
        }
        for (String node : Tunnel.NODES) {
            assertThat(first.attachment(node).getStatus().table())
                    .as("the lower table is asked first")
                    .isLessThan(second.attachment(node).getStatus().table());
            Stream.of("10.200.0.1", "10.210.0.1", "10.220.0.1", "fd00:200::1", "fd00:220::1")
                    .forEach(address -> answers(node, address));
        }
        leavesBy(first.link());

        String secondLink = second.link();
        first.delete();

        leavesBy(secondLink);
        for (String node : Tunnel.NODES) {
            answers(node, "10.220.0.1");
        }
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(
                        () -> assertThat(second.condition("Ready").orElseThrow().getStatus())
                                .isEqualTo("True"));
        Deletion.allEndVerified(List.of(Deletion.begin(second), Deletion.begin(third)), Duration.ofSeconds(60));
    }
}
