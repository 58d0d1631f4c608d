package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes.Signal;
import io.urvpn.host.Route;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FakeHostTest {
    private static final String NODE = """
            link 7 urv0 kind tun mtu 1420 up alias urvpn:i
            address urv0 10.8.0.2/24
            route 20000 10.0.0.0/8 dev urv0 proto 200
            route 20000 fd00::/8 dev urv0 proto 200
            rule 20000 from 10.1.0.0/16 lookup 20000 proto 200
            rule 20000 v6 fwmark 7 lookup 20000 proto 200 others "iif eth0"
            process 100 wireguard-go start 5 parent 99 pod p container c mark i tun urv0
            process 101 sleep unreadable
            table urvpn-1 masquerades urv0
            peer urv0 KEY= endpoint 192.0.2.1:51820 handshake 2026-11-01T00:00:00Z rx 1 tx 2 keepalive 25
            directory /run/ur-vpn/j
            file /var/lib/ur-vpn/a "x \\"y\\"\\n"
            """.strip();

    @Test
    void isRenderedAsItWasSetUp() {
        assertThat(FakeHost.of(NODE)).hasToString(NODE);
    }

    @Test
    void whatALinkCarriesGoesWithTheProcessThatHoldsIt() {
        FakeHost node = FakeHost.of(NODE);
        NodeProcess daemon = node.processes().scan().processes().getFirst();

        assertThat(node.processes().signal(daemon, Signal.KILL)).isTrue();

        assertThat(node.lines("link", "address", "route", "rule", "peer", "process"))
                .isEqualTo("""
                        rule 20000 from 10.1.0.0/16 lookup 20000 proto 200
                        rule 20000 v6 fwmark 7 lookup 20000 proto 200 others "iif eth0"
                        process 101 sleep unreadable""");
        assertThat(node.processes().signal(daemon, Signal.KILL)).isFalse();
    }

    @Test
    void aRouteOfTheSameTableDestinationAndMetricExists() {
        FakeHost node = FakeHost.of("link 7 urv0\nroute 20000 10.0.0.0/8 dev urv0 proto 4");
        Route ours = new Route(20000, IpPrefix.parse("10.0.0.0/8"), 200, 0, OptionalInt.of(7), 1);

        assertThatThrownBy(() -> node.routes().add(ours))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.EXISTS));
        assertThat(node.routes().delete(ours)).isFalse();
        assertThat(node.lines("route")).isEqualTo("route 20000 10.0.0.0/8 dev urv0 proto 4");
    }

    @Test
    void aRefusalLastsUntilItIsTakenBackAndActionsAreOnRecord() {
        FakeHost node = FakeHost.of("table x");
        Runnable lift = node.refuse("table del", HostException.Kind.TOOL);
        assertThatThrownBy(() -> node.packetFilter().delete("x")).isInstanceOf(HostException.class);
        lift.run();
        assertThat(node.packetFilter().delete("x")).isTrue();
        assertThat(node.actions()).containsExactly("table del x");
    }

    @Test
    void aLauncherStartsItsDaemonWhileItIsPermitted() {
        FakeHost node = FakeHost.of("");
        FakeLauncher launcher = FakeLauncher.start(node, "i", "p", "urv0", 100);
        AtomicInteger changes = new AtomicInteger();
        node.watch(changes::incrementAndGet);
        assertThat(node.lines("process", "link")).isEqualTo("""
                        process 100 pause pod p container sandbox-100 sandbox
                        process 101 launcher pod p container c-100 mark i""");

        Path permit = Path.of("/run/ur-vpn/i/permit");
        node.files().write(permit, "p\n".getBytes(StandardCharsets.UTF_8));
        assertThat(node.lines("link")).isEqualTo("link 2 urv0 kind tun");
        assertThat(changes.get()).isPositive();

        node.remove("process 102 wireguard-go parent 101 pod p container c-100 mark i tun urv0");
        assertThat(node.lines("link")).isEqualTo("link 3 urv0 kind tun");

        node.files().delete(permit);
        node.remove("process 103 wireguard-go parent 101 pod p container c-100 mark i tun urv0");
        assertThat(node.lines("link")).isEmpty();

        launcher.end(node);
        assertThat(node.lines("process")).isEmpty();
    }

    @Test
    void aRestartOfTheMachineLeavesItsDisk() {
        assertThat(FakeHost.of(NODE).reboot("boot-2"))
                .hasToString("directory /run\nfile /var/lib/ur-vpn/a \"x \\\"y\\\"\\n\"");
    }
}
