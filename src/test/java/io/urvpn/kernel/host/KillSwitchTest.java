package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.FilterTable;
import io.urvpn.host.KillSwitch;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.linux.NftPacketFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A pod and a node with two ways to the same networks: the tunnel, and the node's own link to a world that answers for all of
 * them and counts what it sees.
 */
@ExtendWith(NetworkNamespace.class)
class KillSwitchTest {
    private static final String TABLE = "urvpn-12345678";
    private static final FilterTable KILL = new FilterTable(
            true, true, KillSwitch.of(Set.of(IpPrefix.parse("10.2.0.0/16"), IpPrefix.parse("fd02::/64"))));
    private static final String SEEN = "packets [1-9]";

    private final PacketFilter filter = new NftPacketFilter("nft");
    private Neighbour pod;
    private Neighbour world;
    private Neighbour peer;

    @BeforeEach
    void network() throws IOException {
        pod = new Neighbour().linked("pod0", "eth0");
        world = new Neighbour().linked("eth0", "eth0");
        peer = new Neighbour();
        Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
        Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding"), "1");
        ends("pod0", pod, "eth0", "10.1.0", "fd01:");
        ends("eth0", world, "eth0", "192.0.2", "fd09:");
        pod.run("ip route add default via 10.1.0.1");
        pod.run("ip route add default via fd01::1");
        Command.line("ip route add default via 192.0.2.5");
        Command.line("ip route add default via fd09::5");
        world.run("ip route add default via 192.0.2.1");
        world.run("ip route add default via fd09::1");
        for (Neighbour end : new Neighbour[] {world, peer}) {
            end.run("ip addr add 10.2.0.1/32 dev lo");
            end.run("ip addr add fd02::1/128 dev lo");
        }
        world.run("ip addr add 10.3.0.1/32 dev lo");
        world.run("ip addr add fd03::1/128 dev lo");
        world.nft("""
                table inet recorder {
                  chain c {
                    type filter hook prerouting priority raw;
                    ip daddr 10.2.0.0/16 counter
                    ip6 daddr fd02::/64 counter
                  }
                }
                """);
        tunnel();
    }

    private static void ends(String here, Neighbour end, String there, String v4, String v6) {
        Command.line("ip addr add " + v4 + ".1/24 dev " + here);
        Command.line("ip addr add " + v6 + ":1/64 dev " + here + " nodad");
        end.run("ip addr add " + v4 + ".5/24 dev " + there);
        end.run("ip addr add " + v6 + ":5/64 dev " + there + " nodad");
    }

    private void tunnel() {
        peer.linked("urv0", "tun0");
        ends("urv0", peer, "tun0", "10.8.0", "fd08:");
        Command.line("ip route add 10.2.0.0/16 via 10.8.0.5");
        Command.line("ip route add fd02::/64 via fd08::5");
    }

    @AfterEach
    void unlinked() {
        pod.close();
        world.close();
        peer.close();
    }

    private void reached(String address) {
        Command.line("ping -c1 -W5 " + address);
        pod.run("ping -c1 -W5 " + address);
    }

    private void notReached(String address) {
        String ping = "ping -c2 -i0.2 -W1 " + address;
        assertThatThrownBy(() -> Command.line(ping)).hasMessageContaining("100% packet loss");
        assertThatThrownBy(() -> pod.run(ping)).hasMessageContaining("100% packet loss");
    }

    private String recorded() {
        return world.run("nft list chain inet recorder c");
    }

    @Test
    void nothingLeavesByAnotherLinkWhileTheTunnelIsMissing() {
        filter.set(TABLE, "urv0", KILL);
        reached("10.2.0.1");
        reached("fd02::1");
        reached("10.3.0.1");
        reached("fd03::1");

        Command.line("ip link del urv0");
        notReached("10.2.0.1");
        notReached("fd02::1");
        reached("10.3.0.1");
        reached("fd03::1");
        assertThat(recorded()).contains("packets 0").doesNotContainPattern(SEEN);
        assertThat(filter.matches(TABLE, "urv0", KILL)).isTrue();

        tunnel();
        reached("10.2.0.1");
        reached("fd02::1");
        assertThat(recorded()).doesNotContainPattern(SEEN);
    }

    @Test
    void theRecorderSeesWhatLeavesWithoutAKillSwitch() {
        filter.set(TABLE, "urv0", FilterTable.MASQUERADING);
        Command.line("ip link del urv0");
        reached("10.2.0.1");
        reached("fd02::1");
        assertThat(recorded()).containsPattern(SEEN).doesNotContain("packets 0");
    }

    @Test
    void whatTheNodeSendsToItselfIsLeftAlone() {
        filter.set(TABLE, "urv0", KILL);
        Command.line("ip addr add 10.2.7.7/32 dev lo");
        Command.line("ip link del urv0");
        Command.line("ping -c1 -W5 10.2.7.7");
    }

    /** At the hook for output it is still the other link by which such a packet is to leave. */
    @Test
    void aPacketThatAMarkLeadsIntoTheTunnelIsLetThrough() {
        Command.line("ip route del 10.2.0.0/16");
        Command.line("ip route add 10.2.0.0/16 via 10.8.0.5 table 20000");
        Command.line("ip rule add fwmark 7 lookup 20000");
        filter.set(TABLE, "urv0", KILL);
        notReached("10.2.0.1");
        Command.feed("""
                table inet marks {
                  chain c {
                    type route hook output priority mangle;
                    ip daddr 10.2.0.0/16 meta mark set 7
                  }
                  chain d {
                    type filter hook prerouting priority mangle;
                    ip daddr 10.2.0.0/16 meta mark set 7
                  }
                }
                """, "nft", "-f", "-");
        reached("10.2.0.1");
        assertThat(recorded()).doesNotContainPattern(SEEN);
    }

    /** A destination of ours may be reached by another name, which is translated on the way. */
    @Test
    void aTranslatedDestinationIsStoppedToo() {
        filter.set(TABLE, "urv0", KILL);
        Command.feed("""
                table ip service {
                  chain c {
                    type nat hook output priority -100;
                    ip daddr 10.96.0.1 dnat to 10.2.0.1
                  }
                  chain d {
                    type nat hook prerouting priority dstnat;
                    ip daddr 10.96.0.1 dnat to 10.2.0.1
                  }
                }
                """, "nft", "-f", "-");
        reached("10.96.0.1");
        Command.line("ip link del urv0");
        notReached("10.96.0.1");
        assertThat(recorded()).doesNotContainPattern(SEEN);
    }

    /** It would have an entry for as long as its protocol's timeout, and by it the wrong source. */
    @Test
    void whatIsStoppedIsNotTracked() {
        filter.set(TABLE, "urv0", KILL);
        Command.line("ip link del urv0");
        notReached("10.2.0.1");
        assertThat(Command.line("conntrack -L -d 10.2.0.1")).doesNotContain("10.2.0.1 ");
    }
}
