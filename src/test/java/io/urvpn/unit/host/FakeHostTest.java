package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.FilterTable;
import io.urvpn.host.Flow;
import io.urvpn.host.HostException;
import io.urvpn.host.KillSwitch;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes.Signal;
import io.urvpn.host.Route;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
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
            table urvpn-2 for urv1 masquerade kill 10.0.0.0/8 kill fd00::/8 except 10.1.0.0/16 by urv2
            table urvpn-3 for urv1 kill 10.0.0.0/8 only v4,10.9.0.0/16,-,7
            table x
            policy fwd fd00::/8 fd01::/16 priority 0 block others "uid 5"
            policy out 10.1.0.0/16 10.2.0.0/16 proto 6 sport 8/255 dport 80 priority 5 if-id 1 mark 7/255 reqid 7 192.0.2.1 192.0.2.2
            state 192.0.2.1 192.0.2.2 reqid 7
            state 192.0.2.1 192.0.2.2 spi 0x100 proto 51 reqid 7 mode 0 if-id 1 mark 7/255 added 2026-11-01T00:00:00Z used 2026-11-01T00:00:01Z bytes 1 packets 2
            flow 17 zone 1 original 10.1.0.5 10.2.0.1 4000:80 reply 10.2.0.1 10.8.0.2 80:4000
            flow 18 proto 1 original 10.1.0.5 10.2.0.1 8/0/77 reply 10.2.0.1 10.1.0.5 0/0/77
            flow 19 proto 50 original 10.1.0.5 10.2.0.1 - reply 10.2.0.1 10.1.0.5 -
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
    void policiesStatesAndFlowsAreTakenAwayByTheirOwnersOnly() {
        FakeHost node = FakeHost.of("""
                policy out 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 7 192.0.2.1 192.0.2.2
                policy in 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 7 192.0.2.1 192.0.2.2
                state 192.0.2.1 192.0.2.2 spi 0x100 reqid 7 bytes 1
                state 192.0.2.1 192.0.2.2 reqid 7
                flow 17 original 10.1.0.5 10.2.0.1 4000:80 reply 10.2.0.1 10.8.0.2 80:4000
                flow 18 original 10.1.0.5 10.2.0.1 4001:80 reply 10.2.0.1 10.1.0.5 80:4001
                """);
        XfrmPolicy policy = node.xfrm().policies().getFirst();
        XfrmState state = node.xfrm().states().getFirst();
        Flow flow =
                node.connections().list(Set.of(IpPrefix.parse("10.8.0.2/24"))).getFirst();
        node.remove("state 192.0.2.1 192.0.2.2 spi 0x100 reqid 7 bytes 1")
                .add("state 192.0.2.1 192.0.2.2 spi 0x100 reqid 7 bytes 2");

        assertThat(node.xfrm().delete(policy)).isTrue();
        assertThat(node.xfrm().delete(policy)).isFalse();
        assertThat(node.xfrm().delete(state)).isTrue();
        assertThat(node.xfrm().delete(state)).isFalse();
        assertThat(node.connections().delete(flow)).isTrue();
        assertThat(node.connections().delete(flow)).isFalse();
        assertThat(node.toString()).isEqualTo("""
                        policy in 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 7 192.0.2.1 192.0.2.2
                        state 192.0.2.1 192.0.2.2 reqid 7
                        flow 18 original 10.1.0.5 10.2.0.1 4001:80 reply 10.2.0.1 10.1.0.5 80:4001""");
        XfrmState placeholder = node.xfrm().states().getFirst();
        assertThatThrownBy(() -> node.xfrm().delete(placeholder))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.UNSUPPORTED));
    }

    @Test
    void aTableIsWhatItWasSetTo() {
        FakeHost node = FakeHost.of("table urvpn-1 masquerades urv0");
        FilterTable wanted = new FilterTable(true, true, KillSwitch.of(Set.of(IpPrefix.parse("10.2.3.4/8"))));
        assertThat(node.packetFilter().matches("urvpn-1", "urv0", wanted)).isFalse();
        node.packetFilter().set("urvpn-1", "urv0", wanted);
        assertThat(node.packetFilter().matches("urvpn-1", "urv0", wanted)).isTrue();
        assertThat(node.packetFilter().masquerades("urvpn-1", "urv0")).isFalse();
        assertThat(node.actions()).containsExactly("table add urvpn-1 for urv0 masquerade clamp kill 10.0.0.0/8");
    }

    @Test
    void aKillSwitchWithoutTrafficOfItsNetworksStopsNothing() {
        Set<IpPrefix> networks = Set.of(IpPrefix.parse("10.0.0.0/8"));
        assertThat(new KillSwitch(networks, Set.of(), Set.of(KillSwitch.Traffic.all(true)), Set.of()).nothing())
                .isTrue();
        assertThat(KillSwitch.of(networks).nothing()).isFalse();
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
