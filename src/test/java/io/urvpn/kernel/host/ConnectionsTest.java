package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Connections;
import io.urvpn.host.Flow;
import io.urvpn.host.Flow.Echo;
import io.urvpn.host.Flow.Ports;
import io.urvpn.host.Flow.Tuple;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.host.linux.NftPacketFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pod, the node and a peer behind a tunnel, which is a cable here: what it is to conntrack. */
@ExtendWith(NetworkNamespace.class)
class ConnectionsTest {
    private static final int TCP = 6;
    private static final int ICMP = 1;
    private static final String TABLE = "urvpn-12345678";
    private static final Set<IpPrefix> TUNNEL = Set.of(IpPrefix.parse("10.8.0.2/24"), IpPrefix.parse("fd08::2/64"));

    private final Connections connections = new LinuxHost().connections();
    private Neighbour pod;
    private Neighbour peer;

    @BeforeEach
    void network() throws IOException {
        pod = new Neighbour().linked("pod0", "eth0");
        peer = new Neighbour().linked("urv0", "tun0");
        Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
        Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
        Command.line("ip addr add 10.1.0.1/24 dev pod0");
        Command.line("ip addr add fd01::1/64 dev pod0 nodad");
        Command.line("ip addr add 10.8.0.2/24 dev urv0");
        Command.line("ip addr add fd08::2/64 dev urv0 nodad");
        Command.line("ip route add 10.2.0.0/16 via 10.8.0.1");
        Command.line("ip route add fd02::/64 via fd08::1");
        pod.run("ip addr add 10.1.0.5/24 dev eth0");
        pod.run("ip addr add fd01::5/64 dev eth0 nodad");
        pod.run("ip route add default via 10.1.0.1");
        pod.run("ip route add default via fd01::1");
        peer.run("ip addr add 10.8.0.1/24 dev tun0");
        peer.run("ip addr add fd08::1/64 dev tun0 nodad");
        peer.run("ip addr add 10.2.0.1/32 dev lo");
        peer.run("ip addr add fd02::1/128 dev lo");
        new NftPacketFilter("nft").masquerade(TABLE, "urv0");
    }

    @AfterEach
    void unlinked() {
        pod.close();
        peer.close();
    }

    private static Tuple tcp(String source, String destination, int sourcePort, int destinationPort) {
        return new Tuple(
                IpPrefix.parse(source),
                IpPrefix.parse(destination),
                TCP,
                Optional.of(new Ports(sourcePort, destinationPort)),
                Optional.empty(),
                0);
    }

    private static Tuple echo(String source, String destination, int type, int id) {
        return new Tuple(
                IpPrefix.parse(source),
                IpPrefix.parse(destination),
                ICMP,
                Optional.empty(),
                Optional.of(new Echo(type, 0, id)),
                0);
    }

    private static String others() {
        return Command.line("conntrack -L -f ipv4") + Command.line("conntrack -L -f ipv6");
    }

    @Test
    void masqueradedFlowsAreFoundByTheTunnelsAddressAndOthersAreNot() throws IOException {
        try (ServerSocket server = peer.make(() -> new ServerSocket(80, 1, InetAddress.getByName("10.2.0.1")));
                Socket client = pod.make(() -> new Socket("10.2.0.1", 80))) {
            int port = client.getLocalPort();
            pod.run("ping -c1 -W5 10.2.0.1");
            pod.run("ping -c1 -W5 10.1.0.1");
            Command.line("ping -c1 -W5 10.1.0.5");

            List<Flow> flows = connections.list(TUNNEL);
            assertThat(flows)
                    .hasSize(2)
                    .allSatisfy(flow -> assertThat(flow.zone()).isZero());
            Flow web = only(flows, TCP);
            assertThat(web.original()).isEqualTo(tcp("10.1.0.5", "10.2.0.1", port, 80));
            assertThat(web.reply()).isEqualTo(tcp("10.2.0.1", "10.8.0.2", 80, port));
            Flow ping = only(flows, ICMP);
            int id = ping.original().echo().orElseThrow().id();
            assertThat(ping.original()).isEqualTo(echo("10.1.0.5", "10.2.0.1", 8, id));
            assertThat(ping.reply()).isEqualTo(echo("10.2.0.1", "10.8.0.2", 0, id));

            flows.forEach(flow -> assertThat(connections.delete(flow)).isTrue());
            flows.forEach(flow -> assertThat(connections.delete(flow)).isFalse());
            assertThat(connections.list(TUNNEL)).isEmpty();
            assertThat(others())
                    .doesNotContain("10.8.0.2")
                    .contains("dst=10.1.0.1")
                    .contains("dst=10.1.0.5");
            assertThat(server.isBound()).isTrue();
        }
    }

    private static Flow only(List<Flow> flows, int protocol) {
        return flows.stream()
                .filter(flow -> flow.original().protocol() == protocol)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void ipv6IsTheSame() throws IOException {
        try (ServerSocket server = peer.make(() -> new ServerSocket(80, 1, InetAddress.getByName("fd02::1")));
                Socket client = pod.make(() -> new Socket("fd02::1", 80))) {
            pod.run("ping -c1 -W5 fd02::1");

            List<Flow> flows = connections.list(TUNNEL);
            assertThat(flows)
                    .filteredOn(flow -> flow.original().protocol() == TCP)
                    .extracting(Flow::reply)
                    .containsExactly(tcp("fd02::1", "fd08::2", 80, client.getLocalPort()));
            assertThat(flows)
                    .filteredOn(flow -> flow.original().echo().isPresent())
                    .isNotEmpty();
            assertThat(connections.list(Set.of(IpPrefix.parse("10.8.0.2/24")))).isEmpty();
            flows.forEach(flow -> assertThat(connections.delete(flow)).isTrue());
            assertThat(connections.list(TUNNEL)).isEmpty();
            assertThat(server.isBound()).isTrue();
        }
    }

    @Test
    void whatTheNodeSendsItselfIsFoundToo() {
        Command.line("ping -c1 -W5 10.2.0.1");
        assertThat(connections.list(TUNNEL)).singleElement().satisfies(flow -> {
            assertThat(flow.original().source()).isEqualTo(IpPrefix.parse("10.8.0.2"));
            assertThat(connections.delete(flow)).isTrue();
        });
        assertThat(connections.list(Set.of())).isEmpty();
    }

    private static void insert(String more) {
        Command.line("conntrack -I -s 10.1.0.9 -d 10.2.0.9 -p udp --sport 123 --dport 123 -t 600 " + more);
    }

    /** From a fixed port the next flow has the same direction, and leads elsewhere; only the id or the reply tells. */
    @Test
    void anotherFlowOfTheSameEndsIsNotTaken() {
        insert("-r 10.2.0.9 -q 10.8.0.2 --reply-port-src 123 --reply-port-dst 123");
        Flow before = connections.list(TUNNEL).getFirst();
        Command.line("conntrack -D -s 10.1.0.9");
        insert("-r 10.2.0.9 -q 192.0.2.1 --reply-port-src 123 --reply-port-dst 123");
        String after = others();

        assertThat(connections.delete(before)).isFalse();
        assertThat(others()).isEqualTo(after).contains("dst=192.0.2.1");
    }

    @Test
    void theSameFlowInAnotherZoneStays() {
        String translated = " -r 10.2.0.9 -q 10.8.0.2 --reply-port-src 123 --reply-port-dst 123";
        insert("-w 5" + translated);
        insert("-w 6" + translated);
        insert(translated);
        List<Flow> flows = connections.list(TUNNEL);
        assertThat(flows).extracting(Flow::zone).containsExactlyInAnyOrder(0, 5, 6);

        Flow five = flows.stream().filter(flow -> flow.zone() == 5).findFirst().orElseThrow();
        assertThat(connections.delete(five)).isTrue();
        assertThat(connections.list(TUNNEL)).extracting(Flow::zone).containsExactlyInAnyOrder(0, 6);
        connections
                .list(TUNNEL)
                .forEach(flow -> assertThat(connections.delete(flow)).isTrue());
        assertThat(connections.list(TUNNEL)).isEmpty();
    }

    /** Zones for one direction only are what OVN and others give to pods whose networks overlap. */
    @Test
    void aZoneOfOneDirectionIsPartOfTheFlow() {
        Command.feed("""
                table inet zones {
                  chain c {
                    type filter hook output priority raw;
                    ct original zone set 7
                  }
                }
                """, "nft", "-f", "-");
        Command.line("ping -c1 -W5 10.2.0.1");
        assertThat(connections.list(TUNNEL)).singleElement().satisfies(flow -> {
            assertThat(flow.zone()).isZero();
            assertThat(flow.original().zone()).isEqualTo(7);
            assertThat(flow.reply().zone()).isZero();
            assertThat(connections.delete(flow)).isTrue();
        });
        assertThat(connections.list(TUNNEL)).isEmpty();
    }

    @Test
    void aReplacedTableLosesNoFlow() throws IOException {
        try (ServerSocket server = peer.make(() -> new ServerSocket(80, 1, InetAddress.getByName("10.2.0.1")));
                Socket client = pod.make(() -> new Socket("10.2.0.1", 80));
                Socket accepted = server.accept()) {
            assertThat(((InetSocketAddress) accepted.getRemoteSocketAddress()).getAddress())
                    .isEqualTo(InetAddress.getByName("10.8.0.2"));
            List<Flow> before = connections.list(TUNNEL);
            new NftPacketFilter("nft").masquerade(TABLE, "urv0");
            client.getOutputStream().write(7);
            accepted.setSoTimeout(5000);
            assertThat(accepted.getInputStream().read()).isEqualTo(7);
            assertThat(connections.list(TUNNEL)).isEqualTo(before);
        }
    }
}
