package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An edit of a running tunnel changes what it says and nothing else. */
class EditTest {
    private static final String LEFT = "{destination: 10.200.0.0/24}";

    private final Tunnel tunnel = Tunnel.named("edited");
    private final Node first = new Node("n1");

    @AfterEach
    void remove() {
        tunnel.remove();
    }

    private static void soon(Runnable assertion) {
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(assertion::run);
    }

    private void edit(String spec) {
        CLUSTER.kubectl("patch", "vpninstance", tunnel.name, "--type=merge", "-p", "{\"spec\": " + spec + "}");
    }

    private List<String> ours(List<String> lines) {
        return lines.stream().filter(line -> line.contains("proto 200")).toList();
    }

    private String addresses() {
        return CLUSTER.on("n1", "ip", "-o", "addr", "show", "dev", tunnel.link());
    }

    private String link() {
        return CLUSTER.on("n1", "ip", "-o", "link", "show", "dev", tunnel.link());
    }

    @Test
    void eachFieldThatIsEditedChangesAndAnUnchangedRouteLosesNoPacket()
            throws ExecutionException, InterruptedException {
        tunnel.onlyOn("n1")
                .routes("[" + LEFT + ", {destination: 10.201.0.1/32}]")
                .apply()
                .ready();
        String ifindex = link().split(":")[0];
        List<String> pods = tunnel.pods("n1");
        Pings pings = Pings.from("n1");

        edit(
                "{\"routes\": [{\"destination\": \"10.200.0.0/24\"}, {\"destination\": \"10.202.0.0/16\", \"metric\": 7}]}");
        soon(() -> assertThat(ours(first.routes()))
                .anyMatch(route -> route.contains("10.202.0.0/16") && route.contains("metric 7"))
                .anyMatch(route -> route.contains("10.200.0.0/24"))
                .noneMatch(route -> route.contains("10.201.0.1")));
        edit("{\"rules\": [{\"to\": \"10.200.0.0/14\"}]}");
        soon(() -> assertThat(ours(first.rules()))
                .singleElement()
                .satisfies(rule -> assertThat(rule).contains("to 10.200.0.0/14")));
        edit("{\"rules\": [{\"to\": \"10.200.0.0/16\"}, {\"fwmark\": 77}]}");
        soon(() -> assertThat(ours(first.rules()))
                .anyMatch(rule -> rule.contains("to 10.200.0.0/16"))
                .anyMatch(rule -> rule.contains("fwmark 0x4d"))
                .noneMatch(rule -> rule.contains("10.200.0.0/14")));
        edit("{\"addresses\": [\"10.200.0.11/24\", \"10.200.0.111/24\"]}");
        soon(() -> assertThat(addresses()).contains("10.200.0.111/24"));
        edit("{\"addresses\": []}");
        soon(() -> assertThat(addresses()).contains("10.200.0.11/24").doesNotContain("10.200.0.111/24"));
        edit("{\"masquerade\": true}");
        soon(() -> assertThat(first.packetFilter())
                .anyMatch(line -> line.contains("masquerade") && line.contains(tunnel.link())));
        edit("{\"mtu\": 1380}");
        soon(() -> assertThat(link()).contains("mtu 1380"));
        edit("{\"masquerade\": false}");
        soon(() -> assertThat(first.packetFilter()).noneMatch(line -> line.contains(tunnel.link())));

        tunnel.ready();
        pings.lostNone();
        assertThat(link().split(":")[0]).isEqualTo(ifindex);
        assertThat(tunnel.pods("n1")).isEqualTo(pods);
        assertThat(tunnel.get().getStatus().repairs())
                .as("an edit is no repair")
                .isNull();
        assertThat(tunnel.attachments()).hasSize(1);
        assertThat(tunnel.operation()).isEmpty();
    }
}
