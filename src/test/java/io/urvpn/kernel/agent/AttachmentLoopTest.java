package io.urvpn.kernel.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import io.urvpn.unit.agent.AgentOnNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The agent's loop for one attachment on a real kernel, with wireguard-go and a peer that answers. */
@ExtendWith(NetworkNamespace.class)
class AttachmentLoopTest {
    @TempDir
    private Path directory;

    private AgentOnNode node;
    private WireGuardGo daemon;
    private WireGuardGo peer;
    private String name;

    @BeforeEach
    void setUp() throws Exception {
        // sockets of wireguard-go are in one directory of this machine
        name = "ka" + ProcessHandle.current().pid();
        Path runtime = directory.resolve("run");
        Files.createDirectories(runtime.resolve(UID));
        Files.createSymbolicLink(runtime.resolve(UID).resolve("wireguard"), WireGuardGo.SOCKETS);
        node = new AgentOnNode(new OwnProcessesHost(new LinuxHost()), directory.resolve("lib"), runtime);
        node.edit(spec -> spec.interfaceName(name)
                .addresses(List.of("10.8.0.2/24", "fd00:8::2/64"))
                .routes(List.of(new TunnelRoute("10.20.0.0/16", null), new TunnelRoute("fd00:20::/64", 5)))
                .rules(List.of(
                        new TunnelRule("10.30.0.0/16", null, null),
                        new TunnelRule(null, "fd00:20::/64", null),
                        new TunnelRule(null, null, 7L))));
        Files.writeString(runtime.resolve(UID).resolve("request"), "pod-1\n");
        Command.line("ip link add foreign0 type veth peer name foreign1");
        Command.ipBatch("""
                link set foreign0 up
                link set foreign1 up
                address add 192.0.2.1/24 dev foreign0
                route add 10.99.0.0/16 dev foreign0 table 20009 proto 4
                rule add from 10.99.0.0/16 lookup 20009 priority 20000 protocol 4
                rule add from 10.98.0.0/16 lookup 20008 priority 19999 protocol 200
                """);
    }

    @AfterEach
    void end() {
        for (WireGuardGo each : new WireGuardGo[] {daemon, peer}) {
            if (each != null) {
                each.end();
            }
        }
    }

    private String network() {
        return Command.line("ip -N -d rule show")
                + Command.line("ip -N -d -6 rule show")
                + Command.line("ip -N -4 route show table all")
                // link-local routes come and go with their links
                + Command.line("ip -N -6 route show table all").replaceAll("(?m)^.*(fe80|ff00)::.*\\n", "")
                + Command.line("ip -o address show scope global").replaceAll("(?m)^[0-9]+: ", "");
    }

    private void up() {
        node.settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_INTERFACE);
        daemon = WireGuardGo.start(name, UID);
        peer = WireGuardGo.start("p" + name, "somebody-else");
        WireGuardGo.connect(daemon, peer);
        Command.run("ip", "link", "set", name, "alias", "urvpn:" + UID);
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(node.pass().ready().getReason()).isEqualTo(Reasons.UP));
    }

    @Test
    void theTunnelComesUpAndASecondLookChangesNothing() {
        up();

        assertThat(Command.line("ip -N -d rule show"))
                .contains("20000:\tfrom 10.30.0.0/16 lookup 20000 proto 200")
                .contains("20000:\tfrom all fwmark 0x7 lookup 20000 proto 200");
        assertThat(Command.line("ip -N -d -6 rule show"))
                .contains("20000:\tfrom all to fd00:20::/64 lookup 20000 proto 200")
                .contains("20000:\tfrom all fwmark 0x7 lookup 20000 proto 200");
        assertThat(Command.line("ip -N route show table 20000")).contains("10.20.0.0/16 dev " + name + " proto 200");
        assertThat(Command.line("ip -N -6 route show table 20000"))
                .contains("fd00:20::/64 dev " + name + " proto 200 metric 5");
        assertThat(Command.line("ip -d link show " + name)).contains("mtu 1420").contains("alias urvpn:" + UID);
        assertThat(Command.line("ip -N -4 route show table all"))
                .as("addresses bring no route of their own")
                .doesNotContain("10.8.0.0/24");
        assertThat(node.status().peers())
                .singleElement()
                .satisfies(told -> assertThat(told.lastHandshakeAt()).isNotNull());

        String before = network();
        node.settle();
        assertThat(network()).isEqualTo(before);
        assertThat(node.status().repairs()).isNull();
    }

    @Test
    void driftIsRepairedAndTheAgentAdoptsAfterARestart() {
        up();
        String before = network();
        Command.line("ip route del 10.20.0.0/16 table 20000");
        Command.line("ip -6 rule del to fd00:20::/64 lookup 20000");
        Command.line("ip address del 10.8.0.2/24 dev " + name);
        node.pass();
        assertThat(network().lines().sorted())
                .containsExactlyElementsOf(before.lines().sorted().toList());
        assertThat(node.status().repairs().count()).isEqualTo(3);

        Command.line("ip -6 route del fd00:20::/64 table 20000");
        node.restart().pass();
        assertThat(network().lines().sorted())
                .containsExactlyElementsOf(before.lines().sorted().toList());
        assertThat(node.status().repairs().count()).isEqualTo(4);
    }

    @Test
    void aDaemonThatStartsAnewGetsEverythingAgain() {
        up();
        int index = node.status().link().index();
        daemon.end();
        node.pass();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_INTERFACE);

        daemon = WireGuardGo.start(name, UID);
        WireGuardGo.connect(daemon, peer);
        Command.run("ip", "link", "set", name, "alias", "urvpn:" + UID);
        node.settle();
        assertThat(node.status().link().index()).isNotEqualTo(index);
        assertThat(Command.line("ip -N route show table 20000")).contains("10.20.0.0/16 dev " + name);
        assertThat(Command.line("ip address show dev " + name))
                .contains("10.8.0.2/24")
                .contains("fd00:8::2/64");
    }

    @Test
    void aDetachLeavesOnlyWhatIsForeign() throws Exception {
        String before = network();
        up();
        long started = System.nanoTime();
        node.order().pass();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);

        assertThat(node.status().detach().components())
                .extracting(ComponentStatus::status)
                .containsOnly(ComponentState.COMPLETED);
        assertThat(millis).as("a healthy detach is quick").isLessThan(1000);
        assertThat(network()).isEqualTo(before);
        assertThat(Command.line("ip -o link")).doesNotContain(" " + name + ":").contains("p" + name + ":");
        assertThat(daemon.runs()).isFalse();
        assertThat(peer.runs()).isTrue();
        assertThat(evidence(Component.VPN_DISCONNECT).processesEnded()).isEqualTo(1);

        node.ask(1).pass();
        assertThat(node.status().verdict().clean())
                .as(node.status().verdict().toString())
                .isTrue();
        assertThat(directory.resolve("run").resolve(UID)).doesNotExist();
        assertThat(directory.resolve("lib").resolve(UID)).doesNotExist();
    }

    @Test
    void whatIsPutBackIsFoundAndCleanedByTheRetry() {
        String before = network();
        up();
        node.order().pass();
        Command.ipBatch("""
                rule add from 10.66.0.0/16 lookup 20000 priority 20000 protocol 200
                route add 10.66.0.0/16 dev foreign0 table 20000 proto 200
                """);
        daemon = WireGuardGo.start(name, UID);
        node.ask(1).pass();
        assertThat(node.status().verdict().clean()).isFalse();
        assertThat(node.status().verdict().errorCode()).isEqualTo(ErrorCodes.LEFTOVER);
        assertThat(node.status().verdict().failed())
                .contains(Component.THREAD_TERMINATION, Component.ROUTING_RULES_CLEAR);
        assertThat(node.status().verdict().report().routing().ruleCount()).isEqualTo(2);

        node.ask(2).pass();
        assertThat(node.status().verdict().clean())
                .as(node.status().verdict().toString())
                .isTrue();
        assertThat(network()).isEqualTo(before);
        assertThat(daemon.runs()).isFalse();
    }

    @Test
    void aRouteOfSomebodyElseIsAConflictAndNothingIsHalfApplied() {
        node.settle();
        Command.line("ip route add 10.20.0.0/16 dev foreign0 table 20000 proto 4");
        String before = network();
        daemon = WireGuardGo.start(name, UID);
        Command.run("ip", "link", "set", name, "alias", "urvpn:" + UID);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.FOREIGN_CONFLICT);
        assertThat(node.ready().getMessage()).contains("10.20.0.0/16").contains("proto 4");
        assertThat(network()).isEqualTo(before);
    }

    @Test
    void whatIpsecAndConnectionTrackingKeepGoesAndWhatIsForeignStays() {
        up();
        String policy = "ip xfrm policy add src 10.1.0.0/16 dst ";
        String template = " dir out priority 100 tmpl src 192.0.2.1 dst 192.0.2.9 proto esp mode tunnel reqid ";
        Command.line(policy + "10.4.0.0/16" + template + 7);
        Command.line(policy + "10.5.0.0/16 dir out priority 100 action block");
        String state = "ip xfrm state allocspi src 192.0.2.1 dst 192.0.2.9 proto esp mode tunnel reqid ";
        Command.line(state + "7 min 256 max 256");
        String flow =
                "conntrack -I -p tcp --state ESTABLISHED -u SEEN_REPLY -t 600 --sport 4000 --dport 80 -d 10.20.0.1 -s ";
        Command.line(flow + "10.9.0.1");
        String foreign = kept();
        Command.line(policy + "10.2.0.0/16" + template + 20000001);
        Command.line(policy + "10.3.0.0/16 dir out priority 100 action block if_id 20000");
        Command.line(state + "20000001 min 257 max 257");
        Command.line(flow + "10.8.0.2");
        Command.line(flow + "10.9.0.2 -r 10.20.0.1 -q 10.8.0.2 --reply-port-src 80 --reply-port-dst 4001");
        node.order().pass();

        assertThat(node.status().detach().components())
                .extracting(ComponentStatus::error)
                .containsOnlyNulls();
        assertThat(evidence(Component.VPN_DISCONNECT).xfrmRemoved()).isEqualTo(3);
        assertThat(evidence(Component.VPN_DISCONNECT).connectionsRemoved()).isEqualTo(2);
        assertThat(kept()).isEqualTo(foreign);
        node.ask(1).pass();
        assertThat(node.status().verdict().clean())
                .as(node.status().verdict().toString())
                .isTrue();

        Command.line(policy + "10.3.0.0/16 dir out priority 100 action block if_id 20000");
        Command.line(flow + "10.8.0.2");
        node.ask(2).pass();
        assertThat(node.status().verdict().report().vpn().details())
                .isEqualTo("XFRM policy out 10.1.0.0/16 to 10.3.0.0/16 if_id 20000; 1 tracked connection of 10.8.0.2");
        node.ask(3).pass();
        assertThat(node.status().verdict().clean()).isTrue();
        assertThat(kept()).isEqualTo(foreign);
    }

    private static String kept() {
        return Command.line("ip xfrm policy")
                + Command.line("ip xfrm state")
                + Command.line("conntrack -L -o id")
                        .replaceAll(" [0-9]+ (?=ESTABLISHED)", " ")
                        .replaceAll("conntrack v.*", "");
    }

    /** They lead nowhere, and the kernel shows those of IPv6 as leaving by lo. */
    @Test
    void whatDefaultRoutesLeaveOutSettlesAndGoes() {
        String before = network();
        node.edit(spec -> spec.routes(List.of(new TunnelRoute("0.0.0.0/0", null), new TunnelRoute("::/0", null)))
                .rules(List.of(new TunnelRule(null, null, 7L))));
        Command.line("ip address add 2001:db8:1::1/64 dev foreign0 nodad");
        up();

        assertThat(Command.line("ip route show table 20000"))
                .contains("throw 192.0.2.0/24 proto 200")
                .contains("throw 192.0.2.1 proto 200")
                .contains("default dev " + name);
        assertThat(Command.line("ip -6 route show table 20000"))
                .contains("throw 2001:db8:1::/64")
                .contains("throw 2001:db8:1::1 ")
                .contains("default dev " + name);
        String standing = network();
        node.settle();
        assertThat(network()).isEqualTo(standing);
        assertThat(node.status().repairs()).isNull();

        node.order().pass();
        Command.line("ip address del 2001:db8:1::1/64 dev foreign0");
        assertThat(network()).isEqualTo(before);
        node.ask(1).pass();
        assertThat(node.status().verdict().clean())
                .as(node.status().verdict().toString())
                .isTrue();
    }

    private Evidence evidence(Component component) {
        return node.status().detach().components().stream()
                .filter(status -> status.component() == component)
                .findFirst()
                .orElseThrow()
                .evidence();
    }
}
