package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Route;
import io.urvpn.host.linux.LinuxHost;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NetworkNamespace.class)
class RoutesTest {
    private static final int OURS = 200;
    private static final int TABLE = 20000;

    private final Host host = new LinuxHost();
    private int tun;

    @BeforeEach
    void aTunnel() {
        Command.line("ip tuntap add dev urv0 mode tun");
        Command.line("ip tuntap add dev other0 mode tun");
        Command.line("ip link set urv0 up");
        Command.line("ip link set other0 up");
        tun = host.links().named("urv0").orElseThrow().index();
    }

    private Route route(String destination, int metric) {
        return new Route(TABLE, IpPrefix.parse(destination), OURS, metric, OptionalInt.of(tun), 1);
    }

    @Test
    void everyRouteOfEveryTableIsRead() {
        Command.line("ip route add 10.1.0.0/16 dev urv0 table 20000 proto 200");
        Command.line("ip route add default dev urv0 table 70000 metric 7");
        Command.line("ip route add blackhole 10.2.0.0/16 table 254 proto 4");
        Command.line("ip route add 10.3.0.0/16 table 20000 nexthop dev urv0 nexthop dev other0");
        Command.line("ip -6 route add fd01::/32 dev urv0 table 20000 proto 200");

        OptionalInt link = OptionalInt.of(tun);
        assertThat(host.routes().list())
                .contains(
                        new Route(20000, IpPrefix.parse("10.1.0.0/16"), 200, 0, link, 1),
                        new Route(70000, IpPrefix.parse("0.0.0.0/0"), 3, 7, link, 1),
                        new Route(254, IpPrefix.parse("10.2.0.0/16"), 4, 0, OptionalInt.empty(), 6),
                        new Route(20000, IpPrefix.parse("10.3.0.0/16"), 3, 0, OptionalInt.empty(), 1),
                        new Route(20000, IpPrefix.parse("fd01::/32"), 200, 1024, link, 1));
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.0/16,0", "10.1.0.0/16,5", "0.0.0.0/0,0", "fd01::/32,0", "fd01::/32,77", "::/0,0"})
    void aRouteIsAddedAndRemoved(String destination, int metric) {
        String before = everything();
        Route route = route(destination, metric);
        host.routes().add(route);

        int kept = destination.contains(":") && metric == 0 ? 1024 : metric;
        assertThat(host.routes().list()).contains(route(destination, kept));
        assertThat(Command.line("ip -N " + (destination.contains(":") ? "-6" : "-4") + " route show table 20000"))
                .contains("dev urv0")
                .contains("proto 200");
        assertThat(host.routes().delete(route)).isTrue();
        assertThat(host.routes().delete(route)).isFalse();
        assertThat(everything()).isEqualTo(before);
    }

    /** Of an IPv6 one the kernel says that it leaves by lo. */
    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/16,0,9",
        "fd01::/32,1024,9",
        "10.1.0.0/16,0,6",
        "fd01::/32,1024,6",
        "fd01::/32,1024,7",
        "fd01::/32,1024,8"
    })
    void aRouteThatLeadsNowhereIsReadAsItWasAdded(String destination, int metric, int type) {
        String before = everything();
        Route route = new Route(TABLE, IpPrefix.parse(destination), OURS, metric, OptionalInt.empty(), type);
        host.routes().add(route);

        assertThat(host.routes().list()).contains(route);
        assertThat(host.routes().delete(route)).isTrue();
        assertThat(everything()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.0.0/16", "fd01::/32"})
    void aForeignRouteInItsPlaceIsAConflictAndStays(String destination) {
        Command.line("ip route add " + destination + " dev other0 table 20000 proto 4 metric 9");
        String before = everything();

        assertThatThrownBy(() -> host.routes().add(route(destination, 9)))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.EXISTS))
                .hasMessageContaining(destination)
                .hasMessageContaining("EEXIST");
        assertThat(host.routes().delete(route(destination, 9))).isFalse();
        assertThat(everything()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.0.0/16", "fd01::/32"})
    void aDeleteTakesNoLookAlike(String destination) {
        Command.line("ip route add " + destination + " dev urv0 table 20000 proto 4 metric 8");
        Command.line("ip route add " + destination + " dev urv0 table 20000 proto 200 metric 7");
        Command.line("ip route add " + destination + " dev urv0 table 20001 proto 200 metric 9");
        Command.line("ip route add " + destination + " dev urv0 table 254 proto 200 metric 9");
        String before = everything();

        assertThat(host.routes().delete(route(destination, 9))).isFalse();
        assertThat(host.routes().delete(route(destination, 0))).isFalse();
        assertThat(everything()).isEqualTo(before);

        host.routes().add(route(destination, 9));
        assertThat(host.routes().delete(route(destination, 9))).isTrue();
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aTableThatDoesNotExistHasNoRouteToRemove() {
        assertThat(host.routes().delete(route("10.1.0.0/16", 0))).isFalse();
        assertThat(host.routes().delete(route("fd01::/32", 0))).isFalse();
    }

    @Test
    void aRouteThroughALinkThatIsGoneSaysSo() {
        Route gone = new Route(TABLE, IpPrefix.parse("10.1.0.0/16"), OURS, 0, OptionalInt.of(4711), 1);
        assertThatThrownBy(() -> host.routes().add(gone))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.UNSUPPORTED))
                .hasMessageContaining("10.1.0.0/16")
                .hasMessageContaining("ENODEV");
    }

    @Test
    void routesOfOtherShapesButOursByTheirMarkAreRemovedToo() {
        Command.line("ip route add 10.1.0.0/16 dev urv0 table 20000 proto 200 tos 0x10");
        Command.line("ip route add 10.2.0.0/16 table 20000 proto 200 nexthop dev urv0 nexthop dev other0");
        Command.line(
                "ip -6 route add fd01::/32 proto 200 table 20000 nexthop via fe80::1 dev urv0 nexthop via fe80::2 dev other0");
        Command.line("ip route add unreachable 10.3.0.0/16 table 20000 proto 200");

        assertThat(host.routes().list().stream()
                        .filter(route -> route.protocol() == OURS)
                        .toList())
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(route -> assertThat(host.routes().delete(route)).isTrue());
        assertThat(everything()).doesNotContain("proto 200");
    }

    static String everything() {
        return Command.line("ip -N -d -4 route show table all") + Command.line("ip -N -d -6 route show table all");
    }
}
