package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Echoes;
import io.urvpn.host.HostException;
import io.urvpn.host.linux.LinuxHost;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two neighbours that have the same addresses, each behind an interface of its own. */
@ExtendWith(NetworkNamespace.class)
class EchoesTest {
    private final LinuxHost host = new LinuxHost();
    private Neighbour routed;
    private Neighbour tunnelled;

    @BeforeEach
    void neighbours() {
        routed = new Neighbour().linked("eth0", "eth0");
        tunnelled = new Neighbour().linked("urv0", "tun0");
        Command.line("ip addr add 10.9.0.1/24 dev eth0");
        Command.line("ip addr add fd09::1/64 dev eth0 nodad");
        Command.line("ip addr add 10.8.0.1/24 dev urv0");
        Command.line("ip addr add fd08::1/64 dev urv0 nodad");
        Command.line("ip route add 10.2.0.0/16 via 10.9.0.5");
        Command.line("ip -6 route add fd02::/64 via fd09::5");
        Command.line("ip rule add pref 30000 lookup 20000");
        Command.line("ip -6 rule add pref 30000 lookup 20000");
        Command.line("ip route add 10.2.0.0/16 via 10.8.0.5 table 20000");
        Command.line("ip -6 route add fd02::/64 via fd08::5 table 20000");
        tunnelled.run("ip addr add 10.8.0.5/24 dev tun0");
        tunnelled.run("ip addr add fd08::5/64 dev tun0 nodad");
        routed.run("ip addr add 10.9.0.5/24 dev eth0");
        routed.run("ip addr add fd09::5/64 dev eth0 nodad");
        for (Neighbour neighbour : new Neighbour[] {routed, tunnelled}) {
            neighbour.run("ip addr add 10.2.0.7/32 dev lo");
            neighbour.run("ip addr add fd02::7/128 dev lo");
        }
        for (String neighbour : List.of("10.8.0.5", "fd08::5", "10.9.0.5", "fd09::5")) {
            knows(neighbour);
        }
    }

    /** A link that has just come up loses the first packets, and one request is all that is sent below. */
    private static void knows(String neighbour) {
        await().pollInSameThread()
                .ignoreExceptions()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Command.line("ping -q -c 1 -W 1 " + neighbour).contains("1 received"));
    }

    @AfterEach
    void unlinked() {
        routed.close();
        tunnelled.close();
    }

    private int index(String name) {
        return host.links().list().stream()
                .filter(link -> link.name().equals(name))
                .findFirst()
                .orElseThrow()
                .index();
    }

    private static void answered(Echoes.Echo echo) {
        await().atMost(Duration.ofSeconds(5)).until(echo::answered);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.2.0.7", "fd02::7"})
    void itLeavesByThatInterfaceWhateverTheRoutesSay(String address) {
        String out = """
                table inet counting {
                  chain c {
                    type filter hook output priority 0;
                    oifname "urv0" icmp type echo-request counter
                    oifname "urv0" icmpv6 type echo-request counter
                  }
                }
                """;
        Command.feed(out, "nft", "-f", "-");

        try (Echoes.Echo echo = host.echoes().send(index("urv0"), IpPrefix.parse(address))) {
            answered(echo);
        }

        assertThat(Command.line("nft list table inet counting")).contains("packets 1 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.2.0.7", "fd02::7"})
    void anAnswerToSomebodyElsesIsNone(String address) {
        try (Echoes.Echo first = host.echoes().send(index("urv0"), IpPrefix.parse(address))) {
            answered(first);
            tunnelled.run("ip addr flush dev lo");
            try (Echoes.Echo second = host.echoes().send(index("urv0"), IpPrefix.parse(address));
                    Echoes.Echo other = host.echoes().send(index("eth0"), IpPrefix.parse(address))) {
                answered(other);
                assertThat(second.answered()).isFalse();
                assertThat(first.answered()).isTrue();
            }
        }
    }

    @Test
    void withoutAnInterfaceItIsRefused() {
        assertThatThrownBy(() -> host.echoes().send(9999, IpPrefix.parse("10.2.0.7")))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("10.2.0.7")
                .hasMessageContaining("ENODEV");
    }
}
