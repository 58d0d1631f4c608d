package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttachingTest {
    private static final String PEER = "peer urv0 KEY= handshake 2026-11-01T12:00:00Z rx 1 tx 2 keepalive 25";
    private static final String UP = """
            link 2 urv0 kind tun mtu 1420 up alias urvpn:%s
            address urv0 10.8.0.2/24
            route 20000 10.20.0.0/16 dev urv0 proto 200
            rule 20000 lookup 20000 proto 200""".formatted(UID);

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);

    private FakeLauncher up() {
        FakeLauncher launcher = FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
        host.add(PEER);
        node.settle();
        return launcher;
    }

    private String network() {
        return host.lines("link", "address", "route", "rule", "table");
    }

    @Test
    void nothingIsTouchedBeforeThePodAsks() {
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_POD);
        assertThat(node.status().machineKey()).matches("[0-9a-f]{32}");
        assertThat(node.status().bootId()).isEqualTo("boot-1");
        assertThat(node.status().table()).isEqualTo(20000);
        assertThat(network()).isEmpty();
        assertThat(host.files().text("/var/lib/ur-vpn/registry/" + UID + ".json"))
                .hasValueSatisfying(
                        json -> assertThat(json).contains("\"version\":1").contains("\"table\":20000"));
    }

    @Test
    void theTunnelComesUp() {
        up();

        assertThat(network()).isEqualTo(UP);
        assertThat(node.ready().getStatus()).isEqualTo("True");
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        assertThat(node.status().permittedPodUid()).isEqualTo("pod-1");
        assertThat(node.status().podUids()).containsExactly("pod-1");
        assertThat(node.status().link().index()).isEqualTo(2);
        assertThat(node.status().peers())
                .singleElement()
                .satisfies(peer -> assertThat(peer.sentBytes()).isEqualTo(2));
        assertThat(node.status().repairs()).isNull();
    }

    @Test
    void theConnectionIsWhatThePeersMakeUp() {
        up();
        host.add("peer urv0 OTHER= endpoint 192.0.2.7:51820 handshake 2026-11-01T12:00:01Z rx 10 tx 20");
        node.settle();

        assertThat(node.status().connection()).satisfies(connection -> {
            assertThat(connection.connectedSince()).isEqualTo("2026-11-01T12:00:01Z");
            assertThat(connection.lastHandshakeAt()).isEqualTo("2026-11-01T12:00:01Z");
            assertThat(connection.endpoint()).isEqualTo("192.0.2.7:51820");
            assertThat(connection.receivedBytes()).isEqualTo(11);
            assertThat(connection.sentBytes()).isEqualTo(22);
        });

        node.clock.advance(Duration.ofSeconds(200));
        node.settle();
        assertThat(node.status().connection().connectedSince()).isNull();
    }

    @Test
    void theLastErrorOfTheLauncherIsTold() {
        up();
        host.files().write(Path.of("/run/ur-vpn", UID, "connection.json"), """
                        {"version":1,"podUid":"pod-1","at":"2026-11-01T12:00:00Z","state":"","up":false,
                         "lastError":"a peer's endpoint could not be set: Name or service not known"}
                        """.getBytes(StandardCharsets.UTF_8));
        node.clock.advance(Duration.ofSeconds(200));
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);
        assertThat(node.ready().getMessage()).endsWith("Name or service not known");
        assertThat(node.status().connection().lastError()).contains("Name or service not known");
        assertThat(node.status().connection().receivedBytes()).isEqualTo(1);
    }

    @Test
    void thePodIsOnRecordInJournalAndApiBeforeItsPermit() {
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.apiAway(true);
        node.settle();

        assertThat(host.files().text("/var/lib/ur-vpn/registry/" + UID + ".json"))
                .hasValueSatisfying(json -> assertThat(json).contains("pod-1"));
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).isEmpty();
        assertThat(host.lines("link")).isEmpty();

        node.apiAway(false);
        node.settle();
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).hasValue("pod-1\n");
        assertThat(network()).isEqualTo(UP);
    }

    @Test
    void aSecondLookChangesNothing() {
        up();
        host.forgetActions();
        node.settle();

        assertThat(host.actions()).isEmpty();
        assertThat(node.status().repairs()).isNull();
    }

    @Test
    void whatSomebodyRemovedComesBackAndIsCounted() {
        up();
        host.remove("route 20000 10.20.0.0/16 dev urv0 proto 200").remove("rule 20000 lookup 20000 proto 200");
        node.pass();

        assertThat(network()).isEqualTo(UP);
        assertThat(node.status().repairs().count()).isEqualTo(2);
        assertThat(node.status().repairs().last()).contains("10.20.0.0/16").contains("rule 20000");
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }

    @Test
    void aDaemonThatStartsAnewGetsEverythingAgain() {
        up();
        host.remove("process 102 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " tun urv0");
        node.settle();

        assertThat(network()).isEqualTo(UP.replace("link 2", "link 3"));
        assertThat(node.status().link().index()).isEqualTo(3);
        assertThat(node.status().repairs().count()).isEqualTo(1);
        assertThat(node.status().repairs().last()).contains("index 3");
    }

    @Test
    void whatWasRefusedOnAnInterfaceThatHasGoneDoesNotHoldTheNextOneBack() {
        up();
        Runnable lift = host.refuse("address add", HostException.Kind.UNSUPPORTED);
        String daemon = "process 102 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " tun urv0";
        host.remove(daemon);
        node.settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_FAILED);

        lift.run();
        host.remove(daemon.replace("102", "103"));
        node.settle();

        assertThat(network()).isEqualTo(UP.replace("link 2", "link 4"));
    }

    @Test
    void aNewPodTakesThePermitOver() {
        up().end(host);
        FakeLauncher.start(host, UID, "pod-2", "urv0", 200);
        node.settle();

        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).hasValue("pod-2\n");
        assertThat(node.status().podUids()).containsExactly("pod-2");
        assertThat(network()).isEqualTo(UP.replace("link 2", "link 3"));
    }

    @Test
    void aPodOfWhichAProcessIsLeftStaysOnRecord() {
        up().end(host);
        host.add("process 150 wireguard-go pod pod-1 container c-100");
        FakeLauncher.start(host, UID, "pod-2", "urv0", 200);
        node.settle();

        assertThat(node.status().podUids()).containsExactly("pod-1", "pod-2");
    }

    @Test
    void aRestartedAgentAdoptsWhatIsThere() {
        up();
        host.forgetActions();
        node.restart().settle();

        assertThat(host.actions()).isEmpty();
        assertThat(network()).isEqualTo(UP);
        assertThat(node.status().table()).isEqualTo(20000);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }

    @Test
    void afterARestartOfTheMachineTheTunnelComesUpInTheSameTable() {
        up().end(host);
        host.reboot("boot-2").add("link 2 eth0 up");
        node.restart().settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_POD);
        assertThat(host.lines("link")).isEqualTo("link 2 eth0 up");

        FakeLauncher.start(host, UID, "pod-2", "urv0", 300);
        node.settle();
        assertThat(host.lines("route")).isEqualTo("route 20000 10.20.0.0/16 dev urv0 proto 200");
        assertThat(node.status().bootId()).isEqualTo("boot-2");
    }

    @Test
    void anEditAppliesTheDifference() {
        up();
        host.forgetActions();
        node.edit(spec -> spec.routes(List.of(
                                new TunnelRoute("10.20.0.0/16", null),
                                new TunnelRoute("10.30.0.0/16", 7),
                                new TunnelRoute("fd00:20::/64", null)))
                        .addresses(List.of("10.8.0.3/24", "fd00:8::3/64"))
                        .masquerade(true)
                        .mtu(1300))
                .settle();

        assertThat(network()).isEqualTo("""
                link 2 urv0 kind tun mtu 1300 up alias urvpn:%s
                address urv0 10.8.0.3/24
                address urv0 fd00:8::3/64
                route 20000 10.20.0.0/16 dev urv0 proto 200
                route 20000 10.30.0.0/16 dev urv0 proto 200 metric 7
                route 20000 fd00:20::/64 dev urv0 proto 200
                rule 20000 lookup 20000 proto 200
                rule 20000 v6 lookup 20000 proto 200
                table urvpn-0a1b2c3d masquerades urv0""".formatted(UID));
        assertThat(host.actions()).doesNotContain("route del 20000 10.20.0.0/16 dev urv0 proto 200");
        assertThat(node.status().repairs()).isNull();
        // the new way is there before the old one goes
        assertThat(host.actions()).containsSubsequence("address add urv0 10.8.0.3/24", "address del urv0 10.8.0.2/24");

        node.edit(spec -> spec.routes(List.of()).masquerade(false).rules(List.of(new TunnelRule(null, null, 7L))))
                .settle();
        assertThat(host.actions())
                .containsSubsequence(
                        "rule add 20000 fwmark 7 lookup 20000 proto 200", "rule del 20000 lookup 20000 proto 200");
        assertThat(host.lines("route", "rule", "table")).isEqualTo("""
                rule 20000 fwmark 7 lookup 20000 proto 200
                rule 20000 v6 fwmark 7 lookup 20000 proto 200""");
    }

    @Test
    void anAddressOfSomebodyElseOnOurInterfaceStays() {
        up();
        host.add("address urv0 10.99.0.1/32");
        node.settle();

        assertThat(host.lines("address")).isEqualTo("address urv0 10.8.0.2/24\naddress urv0 10.99.0.1/32");
    }

    @Test
    void theFirstTableThatNobodyUsesIsTaken() {
        host.add("rule 5 lookup 20000 proto 4").add("link 9 eth0 up").add("route 20001 10.0.0.0/8 dev eth0 proto 3");
        node.settle();

        assertThat(node.status().table()).isEqualTo(20002);
    }

    @Test
    void aTableWhoseMarksSomebodysIpsecHasIsNotTaken() {
        host.add("policy out 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 20000001 192.0.2.1 192.0.2.2")
                .add("state 192.0.2.1 192.0.2.2 spi 0x100 reqid 7 if-id 20001");
        node.settle();

        assertThat(node.status().table()).isEqualTo(20002);
    }

    @Test
    void withoutAFreeTableNothingIsDone() {
        host.add("""
                rule 5 lookup 20000
                rule 6 lookup 20001
                rule 7 lookup 20002
                rule 8 lookup 20003""");
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.NO_FREE_TABLE);
        assertThat(node.ready().getMessage()).contains("20000 to 20003");
        assertThat(host.lines("link")).isEmpty();
    }

    @Test
    void anInterfaceOfSomebodyElseIsLeftAlone() {
        host.add("link 9 urv0 kind tun up");
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        host.forgetActions();
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.INTERFACE_NAME_TAKEN);
        assertThat(host.actions()).isEmpty();
        assertThat(host.lines("link")).isEqualTo("link 9 urv0 kind tun up");

        host.remove("link 9 urv0 kind tun up");
        node.settle();
        assertThat(host.lines("rule")).isEqualTo("rule 20000 lookup 20000 proto 200");
    }

    @Test
    void anInterfaceThatCameInTheWayAfterThePermitIsLeftAlone() {
        up().end(host);
        host.add("link 9 urv0 kind tun");
        node.settle();
        node.clock.advance(Duration.ofSeconds(5));
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.INTERFACE_NAME_TAKEN);
        assertThat(host.lines("link")).isEqualTo("link 9 urv0 kind tun");
    }

    @Test
    void aRouteOfSomebodyElseIsAConflictAndNothingIsHalfApplied() {
        node.settle();
        host.add("link 9 eth0 up").add("route 20000 10.30.0.0/16 dev eth0 proto 4");
        node.edit(spec ->
                spec.routes(List.of(new TunnelRoute("10.20.0.0/16", null), new TunnelRoute("10.30.0.0/16", null))));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.FOREIGN_CONFLICT);
        assertThat(node.ready().getMessage()).contains("10.30.0.0/16").contains("proto 4");
        assertThat(host.lines("route", "rule", "address")).isEqualTo("route 20000 10.30.0.0/16 dev eth0 proto 4");
    }

    @Test
    void whatWasAddedBeforeARefusalIsTakenBackAndNotTriedAgainAtOnce() {
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        Runnable lift = host.refuse("rule add", HostException.Kind.OTHER);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_FAILED);
        assertThat(host.lines("address", "route", "rule")).isEmpty();
        assertThat(host.actions().stream().filter(action -> action.startsWith("route add")))
                .hasSize(1);

        lift.run();
        node.clock.advance(Duration.ofSeconds(6));
        node.settle();
        assertThat(host.lines("route", "rule")).isNotEmpty();
    }

    @Test
    void whatCutsTheNodeOffIsTakenBackAndTriedAgainLater() {
        host.machine().reaches(address -> host.lines("rule").isEmpty());
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_CUT_NODE);
        assertThat(host.lines("address", "route", "rule")).isEmpty();
        long tried = host.actions().stream()
                .filter(action -> action.startsWith("rule add"))
                .count();
        assertThat(tried).isEqualTo(1);

        node.restart().settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_CUT_NODE);
        assertThat(host.actions().stream().filter(action -> action.startsWith("rule add")))
                .hasSize(1);

        host.machine().reaches(address -> true);
        node.clock.advance(Duration.ofMinutes(4));
        node.settle();
        assertThat(host.lines("rule")).isNotEmpty();
    }

    @Test
    void anEditAfterACutIsTriedAtOnce() {
        host.machine().reaches(address -> !host.lines("route").contains("0.0.0.0/0"));
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("0.0.0.0/0", null))));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.APPLY_CUT_NODE);

        node.edit(spec -> spec.routes(List.of(new TunnelRoute("10.20.0.0/16", null))))
                .settle();
        assertThat(host.lines("route")).isEqualTo("route 20000 10.20.0.0/16 dev urv0 proto 200");
    }

    @Test
    void anApiServerThatWasOutOfReachBeforeTakesNothingBack() {
        host.machine().reaches(address -> false);
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(network()).isEqualTo(UP);
    }

    @Test
    void aNameThatAnotherInstanceHoldsIsRefused() {
        node.settle();
        AgentOnNode other = new AgentOnNode(host);
        other.edit(spec -> spec.instance(
                new io.urvpn.api.v1alpha1.InstanceReference("branch", "ffffffff-1111-4222-8333-444455556666")));
        other.settle();

        assertThat(other.ready().getReason()).isEqualTo(Reasons.NAME_HELD);
        assertThat(other.ready().getMessage()).contains("office");
    }

    @Test
    void aJournalOfAnotherVersionIsLeftAsItIs() {
        String json = "{\"version\":2,\"shape\":\"new\"}";
        host.add("file /var/lib/ur-vpn/registry/" + UID + ".json \"" + json.replace("\"", "\\\"") + "\"");
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.restart().settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.UNKNOWN_JOURNAL);
        assertThat(host.files().text("/var/lib/ur-vpn/registry/" + UID + ".json"))
                .hasValue(json);
        assertThat(host.lines("link")).isEmpty();

        node.order().settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UNKNOWN_JOURNAL);
        assertThat(node.status().detach()).isNull();
    }

    @Test
    void anotherMachineUnderTheSameNameAnswersForNothing() {
        up();
        node.attachment.setStatus(io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder.builder(node.status())
                .machineKey("00000000000000000000000000000000")
                .build());
        int before = node.said.size();
        host.forgetActions();
        node.order().settle();

        assertThat(node.said).hasSize(before);
        assertThat(host.actions()).isEmpty();
    }

    @Test
    void aTunnelThatNobodyAnswersIsNotReady() {
        up();
        node.clock.advance(Duration.ofSeconds(200));
        node.pass();

        assertThat(node.ready().getStatus()).isEqualTo("False");
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);
    }
}
