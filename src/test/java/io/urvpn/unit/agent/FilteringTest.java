package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.agent.JournalEntryBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The nftables table of an instance, with its interface and without. The API server is at 192.0.2.10. */
class FilteringTest {
    private static final String DAEMON =
            "process 102 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " tun urv0";
    private static final String KILL = "table urvpn-0a1b2c3d for urv0 clamp kill 10.20.0.0/16";
    private static final String PEER =
            "peer urv0 KEY= endpoint 203.0.113.9:51820 handshake 2026-11-01T12:00:00Z rx 1 tx 2 keepalive 25";
    private static final String JOURNAL = "/var/lib/ur-vpn/registry/" + UID + ".json";

    private final FakeHost host = FakeHost.of("""
            machine boot boot-1 tun nftables
            link 2 eth0 up
            address eth0 198.51.100.7/24
            route 254 0.0.0.0/0 dev eth0 proto 3
            route 254 198.51.100.0/24 dev eth0 proto 2""");
    private final AgentOnNode node = new AgentOnNode(host).edit(spec -> spec.killSwitch(true));

    private FakeLauncher up() {
        FakeLauncher launcher = FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
        host.add(PEER);
        node.settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        return launcher;
    }

    private String table() {
        return host.lines("table");
    }

    @Test
    void aKillSwitchStandsBeforeAPodAsksAndIsOnRecordBeforeItStands() {
        host.before(
                "table add",
                () -> assertThat(host.files().text(JOURNAL))
                        .hasValueSatisfying(json -> assertThat(json).contains("\"masquerade\":true")));
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_POD);
        assertThat(table()).isEqualTo(KILL);
    }

    @Test
    void noPodGetsAPermitWithoutIt() {
        Runnable lift = host.refuse("table add", HostException.Kind.TOOL);
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_FAILED);
        assertThat(node.ready().getMessage()).contains("table add");
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).isEmpty();

        lift.run();
        node.clock.advance(Duration.ofSeconds(6));
        node.settle();
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).hasValue("pod-1\n");
        assertThat(table()).isEqualTo(KILL);
    }

    @Test
    void itStaysWhileTheDaemonIsAwayAndASecondLookChangesNothing() {
        FakeLauncher launcher = up();
        String standing = table();
        assertThat(standing).isEqualTo(KILL);
        host.forgetActions();
        launcher.end(host);
        node.settle();

        assertThat(host.lines("link")).doesNotContain("urv0");
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_INTERFACE);
        assertThat(table()).isEqualTo(standing);
        assertThat(host.actions()).noneMatch(action -> action.startsWith("table"));
    }

    @Test
    void anAgentThatStartsAnewPutsItBackWhereItIsMissing() {
        up().end(host);
        String standing = table();
        host.remove(standing);
        node.restart().pass();

        assertThat(table()).isEqualTo(standing);
        assertThat(node.status().repairs().count()).isEqualTo(1);
        assertThat(node.status().repairs().last()).isEqualTo("set nftables table urvpn-0a1b2c3d");
    }

    @Test
    void whatSomebodyChangedInItIsPutRight() {
        up();
        String standing = table();
        host.remove(standing).add("table urvpn-0a1b2c3d for urv0 kill 10.99.0.0/16");
        node.pass();

        assertThat(table()).isEqualTo(standing);
        assertThat(node.status().repairs().count()).isEqualTo(1);
        node.settle();
        assertThat(node.status().repairs().count()).isEqualTo(1);
    }

    @Test
    void afterARestartOfTheMachineItStandsBeforeThePodIsThere() {
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("0.0.0.0/0", null))));
        up().end(host);
        host.reboot("boot-2").add("link 2 eth0 up").add("address eth0 198.51.100.7/24");
        node.restart().pass();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_POD);
        assertThat(table())
                .as("the way to the peer is known from before")
                .contains("kill 0.0.0.0/0", "except 203.0.113.9/32");
    }

    @Test
    void itFollowsTheRoutesAndGoesWhenItIsNotAskedForAnyMore() {
        up();
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("10.30.0.0/16", null))))
                .settle();
        assertThat(table()).contains("kill 10.30.0.0/16").doesNotContain("10.20.0.0/16");

        node.edit(spec -> spec.killSwitch(false).masquerade(true)).settle();
        assertThat(table()).isEqualTo("table urvpn-0a1b2c3d masquerades urv0");

        node.edit(spec -> spec.killSwitch(null).masquerade(false)).settle();
        assertThat(table()).isEmpty();
        assertThat(node.status().repairs()).isNull();
        host.forgetActions();
        node.settle();
        assertThat(host.actions()).isEmpty();
    }

    @Test
    void itStopsWhatTheRulesSelectAndNoMore() {
        node.edit(spec -> spec.routes(
                                List.of(new TunnelRoute("0.0.0.0/0", null), new TunnelRoute("fd00:20::/64", null)))
                        .rules(List.of(
                                new TunnelRule("10.244.1.0/24", null, null),
                                new TunnelRule(null, "fd00:20::/65", null),
                                new TunnelRule("10.244.2.0/24", "10.20.0.0/16", 7L))))
                .settle();

        assertThat(table())
                .contains("only v4,10.244.1.0/24,-,-")
                .contains("only v4,10.244.2.0/24,10.20.0.0/16,7")
                .contains("only v6,-,fd00:20::/65,-");
    }

    @Test
    void aDefaultRouteLeavesTheNodesOwnNetworkAndItsLinksAlone() {
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("0.0.0.0/0", null))));
        up();

        assertThat(table())
                .isEqualTo("table urvpn-0a1b2c3d for urv0 clamp kill 0.0.0.0/0 except 192.0.2.10/32"
                        + " except 198.51.100.0/24 except 198.51.100.7/32 except 203.0.113.9/32"
                        + " except 224.0.0.0/4 except 255.255.255.255/32");
    }

    @Test
    void aPeerThatMovesIsLeftAloneWhereItIs() {
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("0.0.0.0/0", null))));
        up();
        host.remove(PEER).add(PEER.replace("203.0.113.9", "203.0.113.10"));
        node.settle();

        assertThat(table()).contains("except 203.0.113.10/32").doesNotContain("203.0.113.9/32");
        assertThat(node.status().repairs())
                .satisfiesAnyOf(
                        repairs -> assertThat(repairs).isNull(),
                        repairs -> assertThat(repairs.last()).doesNotContain("nftables"));
    }

    @Test
    void anApiServerThatGoesAwayAtThatMomentKeepsNoPeerFromBeingFollowed() {
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("0.0.0.0/0", null))));
        up();
        AtomicInteger asked = new AtomicInteger();
        host.machine().reaches(address -> asked.getAndIncrement() == 0);
        host.remove(PEER).add(PEER.replace("203.0.113.9", "203.0.113.10"));
        node.settle();

        assertThat(table()).contains("except 203.0.113.10/32").doesNotContain("203.0.113.9/32");
    }

    @Test
    void aTunnelWhoseRulesAreAskedFirstMayTakeIt() {
        AgentOnNode first = new AgentOnNode(host)
                .edit(spec -> spec.instance(new InstanceReference("first", "ffffffff-1111-4222-8333-444455556666"))
                        .interfaceName("urv1"));
        first.settle();
        node.restart().settle();

        assertThat(node.status().table()).isEqualTo(20001);
        assertThat(table()).isEqualTo(KILL + " by urv1");
    }

    @Test
    void aKillSwitchThatCutsTheNodeOffIsTakenBackAndNoPodStarts() {
        host.machine().reaches(address -> !table().contains("kill"));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_CUT_NODE);
        assertThat(node.ready().getMessage()).contains("kill switch in nftables table urvpn-0a1b2c3d");
        assertThat(table()).isEmpty();
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).isEmpty();
        assertThat(host.actions().stream().filter(action -> action.startsWith("table add")))
                .hasSize(1);

        host.machine().reaches(address -> true);
        node.clock.advance(Duration.ofMinutes(4));
        node.settle();
        assertThat(table()).isEqualTo(KILL);
    }

    @Test
    void aRouteThatIsRefusedIsNotGuardedAndWhatStandsGoesOn() {
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("192.0.2.0/24", null))))
                .settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.ROUTE_COVERS_NODE);
        assertThat(table()).isEmpty();

        node.edit(spec -> spec.routes(List.of(new TunnelRoute("10.20.0.0/16", null))));
        up();
        String standing = table();
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("192.0.2.0/24", null))))
                .settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.ROUTE_COVERS_NODE);
        assertThat(table()).isEqualTo(standing);

        host.remove(standing);
        node.settle();
        assertThat(table()).isEqualTo(standing);
    }

    @Test
    void aJournalOfAnEarlierVersionIsRead() {
        node.edit(spec -> spec.killSwitch(false).masquerade(true));
        up();
        var entry = ((io.urvpn.agent.Registry.Lookup.Known)
                        node.context().registry().find(UID))
                .entry();
        node.context()
                .registry()
                .save(JournalEntryBuilder.builder(entry)
                        .filter(null)
                        .masquerade(true)
                        .build());
        assertThat(host.files().text(JOURNAL))
                .hasValueSatisfying(json -> assertThat(json).doesNotContain("\"filter\":"));
        host.forgetActions();
        node.restart().settle();
        assertThat(host.actions()).noneMatch(action -> action.startsWith("table"));
        assertThat(node.status().repairs()).isNull();

        node.edit(spec -> spec.masquerade(false)).settle();
        assertThat(table()).isEmpty();
    }

    @Test
    void inADeletionItGoesAfterRulesRoutesDaemonAndInterface() {
        up();
        host.before(
                "table del",
                () -> assertThat(host.lines("link", "rule", "route", "process"))
                        .doesNotContain("urv0", "lookup 20000", "wireguard-go"));
        node.order().settle();

        assertThat(table()).isEmpty();
        assertThat(node.status().detach().components())
                .allSatisfy(component -> assertThat(component.status()).isEqualTo(ComponentState.COMPLETED));
        assertThat(Stream.of("rule del", "route del", "signal", "table del")
                        .map(what -> host.actions().stream()
                                .filter(action -> action.startsWith(what))
                                .findFirst()
                                .map(host.actions()::indexOf)
                                .orElse(-1)))
                .isSorted()
                .doesNotContain(-1);
    }

    @Test
    void aKillSwitchStaysAsLongAsARuleThatCannotBeRemoved() {
        FakeLauncher launcher = up();
        String standing = table();
        Runnable lift = host.refuse("rule del", HostException.Kind.OTHER);
        node.order().settle();

        assertThat(table()).isEqualTo(standing);
        var disconnect = node.status().detach().components().stream()
                .filter(component -> component.component() == Component.VPN_DISCONNECT)
                .findFirst()
                .orElseThrow();
        assertThat(disconnect.status()).isEqualTo(ComponentState.FAILED);
        assertThat(disconnect.error().message()).contains("urvpn-0a1b2c3d stays");

        launcher.end(host);
        node.ask(1).pass();
        assertThat(node.status().verdict().clean()).isFalse();
        lift.run();
        node.ask(2).pass();
        assertThat(node.status().verdict().clean()).isTrue();
        assertThat(table()).isEmpty();
    }

    @Test
    void aDaemonThatIsKilledOverAndOverNeverLeavesTheNodeWithoutIt() {
        up();
        String standing = table();
        for (int pid = 102; pid < 112; pid++) {
            host.remove(DAEMON.replace("102", String.valueOf(pid)));
            assertThat(table()).isEqualTo(standing);
            node.settle();
            assertThat(table()).isEqualTo(standing);
        }
        assertThat(host.lines("link")).contains("urv0");
    }
}
