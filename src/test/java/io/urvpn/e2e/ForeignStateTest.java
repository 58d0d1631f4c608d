package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Own only what is marked: a thousand look-alikes of somebody else stay as they were. */
class ForeignStateTest {
    private static final Node N1 = new Node("n1");

    private final Tunnel tunnel = Tunnel.named("foreign");

    @AfterEach
    void remove() {
        tunnel.remove();
        CLUSTER.tryOn("n1", "", "bash", "-c", """
                [ ! -f /run/foreign.pid ] || kill "$(cat /run/foreign.pid)"
                ip tuntap del dev urvforeign mode tun
                ip route flush table 20100 proto 201
                ip route flush proto 203; ip -6 route flush proto 203
                ip rule del pref 32764
                while ip rule del protocol 201; do :; done
                while ip rule del protocol 203; do :; done
                true""");
    }

    @Test
    void staysByteForByteAsItWas() {
        tunnel.onlyOn("n1").apply().ready();
        String table = String.valueOf(tunnel.attachment("n1").getStatus().table());
        String link = tunnel.link();
        plant(table, link);
        List<Supplier<List<String>>> readers = List.of(
                N1::rules,
                N1::routes,
                () -> N1.links().stream().map(ForeignStateTest::name).toList(),
                N1::packetFilter);
        List<String> before = foreign(readers, link);
        assertThat(before)
                .filteredOn(line -> line.contains("proto 201") || line.contains("proto 203"))
                .hasSizeGreaterThanOrEqualTo(1000);
        assertThat(before).as("as wg-quick sets it").anyMatch(line -> line.contains("suppress_prefixlength 0"));
        List<String> daemons = N1.pids("wireguard-go", "wgforeign0");

        String uid = tunnel.uid();
        tunnel.delete();

        assertThat(foreign(readers, link)).isEqualTo(before);
        assertThat(N1.pids("wireguard-go", "wgforeign0")).isEqualTo(daemons).isNotEmpty();
        assertThat(N1.rules()).noneMatch(line -> line.contains("proto 200"));
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(N1.files()).noneMatch(file -> file.contains(uid)));
    }

    private static String name(String linkLine) {
        return linkLine.split(" ")[1];
    }

    private static List<String> foreign(List<Supplier<List<String>>> readers, String link) {
        return readers.stream()
                .flatMap(reader -> reader.get().stream())
                .filter(line -> !line.contains("proto 200"))
                .filter(line -> !line.equals(link + ":"))
                .filter(line -> !line.contains("dev " + link + " "))
                .toList();
    }

    /** Routes in our table under another number, rules at our priority, links of similar names, another's wireguard-go. */
    private static void plant(String table, String link) {
        String routes = IntStream.range(0, 800)
                .mapToObj(i -> "route add blackhole 198.18.%d.%d/32 table %s proto %d"
                        .formatted(i / 250, i % 250, i % 2 == 0 ? table : "20100", i % 2 == 0 ? 203 : 201))
                .collect(Collectors.joining("\n"));
        String rules = IntStream.range(0, 200)
                .mapToObj(i -> "rule add pref %s to 198.19.0.%d/32 table %s proto %d"
                        .formatted(
                                i % 2 == 0 ? table : "20100", i, i % 3 == 0 ? table : "20100", i % 2 == 0 ? 203 : 201))
                .collect(Collectors.joining("\n"));
        rules += "\nrule add pref 32764 lookup main suppress_prefixlength 0";
        String v6 = "route add blackhole 2001:db8:77::/48 table %s proto 203".formatted(table);
        assertThat(CLUSTER.tryOn("n1", routes + "\n" + rules + "\n", "ip", "-batch", "-")
                        .out())
                .isEmpty();
        assertThat(CLUSTER.tryOn("n1", v6 + "\n", "ip", "-6", "-batch", "-").out())
                .isEmpty();
        CLUSTER.on("n1", "ip", "tuntap", "add", "dev", "urvforeign", "mode", "tun");
        CLUSTER.bash("n1", """
                ulimit -n 4096
                setsid wireguard-go -f wgforeign0 >/dev/null 2>&1 </dev/null &
                echo $! >/run/foreign.pid
                for _ in $(seq 50); do ip link show wgforeign0 >/dev/null 2>&1 && exit; sleep .1; done; exit 1""");
    }
}
