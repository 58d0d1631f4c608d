package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.FilterTable;
import io.urvpn.host.HostException;
import io.urvpn.host.KillSwitch;
import io.urvpn.host.KillSwitch.Traffic;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.linux.NftPacketFilter;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NetworkNamespace.class)
class PacketFilterTest {
    private static final String TABLE = "urvpn-12345678";

    private final PacketFilter filter = new NftPacketFilter("nft");

    @Test
    void aTableMasqueradesOneInterface() {
        filter.masquerade(TABLE, "urv0");
        assertThat(filter.tables()).containsExactly(TABLE);
        assertThat(filter.masquerades(TABLE, "urv0")).isTrue();
        assertThat(filter.masquerades(TABLE, "urv1")).isFalse();
        assertThat(Command.line("nft list ruleset"))
                .contains("table inet " + TABLE)
                .contains("oifname \"urv0\" masquerade")
                .contains("maxseg size set rt mtu");

        filter.masquerade(TABLE, "urv1");
        assertThat(filter.masquerades(TABLE, "urv1")).isTrue();
        assertThat(Command.line("nft list ruleset")).doesNotContain("urv0");

        assertThat(filter.delete(TABLE)).isTrue();
        assertThat(filter.delete(TABLE)).isFalse();
        assertThat(filter.masquerades(TABLE, "urv1")).isFalse();
        assertThat(Command.line("nft list ruleset")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add rule inet urvpn-12345678 forward accept",
                "flush chain inet urvpn-12345678 postrouting",
                "add chain inet urvpn-12345678 more",
                "add set inet urvpn-12345678 more { type ipv4_addr; }",
                "insert rule inet urvpn-12345678 postrouting oifname eth0 masquerade"
            })
    void aTableThatSomebodyChangedIsNotAsItWasMade(String change) {
        filter.masquerade(TABLE, "urv0");
        Command.feed(change, "nft", "-f", "-");
        assertThat(filter.masquerades(TABLE, "urv0")).isFalse();
        filter.masquerade(TABLE, "urv0");
        assertThat(filter.masquerades(TABLE, "urv0")).isTrue();
    }

    private static Set<IpPrefix> prefixes(String... networks) {
        return Stream.of(networks).map(IpPrefix::parse).collect(Collectors.toSet());
    }

    private static FilterTable kill(String... networks) {
        return new FilterTable(false, false, KillSwitch.of(prefixes(networks)));
    }

    private static FilterTable except(String network, String... except) {
        return new FilterTable(
                false,
                false,
                new KillSwitch(
                        prefixes(network), prefixes(except), Set.of(Traffic.all(network.contains(":"))), Set.of()));
    }

    private static FilterTable only(Set<String> links, Traffic... traffic) {
        return new FilterTable(
                false, false, new KillSwitch(prefixes("10.0.0.0/8", "fd00::/8"), Set.of(), Set.of(traffic), links));
    }

    private static Traffic traffic(String from, String to, Long mark) {
        IpPrefix source = from == null ? null : IpPrefix.parse(from);
        IpPrefix destination = to == null ? null : IpPrefix.parse(to);
        return new Traffic((from == null ? to : from).contains(":"), source, destination, mark);
    }

    private static Stream<FilterTable> tables() {
        return Stream.of(
                new FilterTable(true, false, KillSwitch.NONE),
                new FilterTable(false, true, KillSwitch.NONE),
                FilterTable.MASQUERADING,
                new FilterTable(true, true, KillSwitch.of(prefixes("10.0.0.0/8", "fd00::/8"))),
                kill("192.168.0.0/16"),
                kill("fd00::/8"),
                kill("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32"),
                kill("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "11.0.0.0/24"),
                kill("0.0.0.0/0", "::/0"),
                kill("0.0.0.0/8", "128.0.0.0/1", "255.255.255.255/32", "::/1", "fd00::1/128", "::1/128"),
                kill(IntStream.range(0, 256)
                        .mapToObj(i -> i % 2 == 0 ? "10." + i + ".0.0/16" : "fd00:" + i + "::/32")
                        .toArray(String[]::new)),
                except("0.0.0.0/0", "192.0.2.0/24", "192.0.2.7/32", "224.0.0.0/4", "255.255.255.255/32", "0.0.0.0/32"),
                except("::/0", "fe80::/10", "ff00::/8", "2001:db8::1/128", "fd00::/8"),
                only(Set.of("urv1", "urv2"), Traffic.all(false)),
                only(Set.of(), traffic("10.1.0.0/16", null, null)),
                only(Set.of(), traffic("10.1.0.1/32", "10.2.0.0/16", 7L)),
                only(Set.of("urv1"), traffic(null, "10.2.0.0/16", null), traffic("fd00:1::/64", "fd00:2::1/128", null)),
                only(
                        Set.of(),
                        new Traffic(false, null, null, 4294967295L),
                        new Traffic(true, null, null, 4294967295L)));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void eachTableIsReadBackAsItWasMadeAndIsNoOther(FilterTable wanted) {
        filter.set(TABLE, "urv0", wanted);
        assertThat(tables().filter(other -> filter.matches(TABLE, "urv0", other)))
                .containsExactly(wanted);
        assertThat(filter.matches(TABLE, "urv1", wanted)).isFalse();
        filter.set(TABLE, "urv0", FilterTable.MASQUERADING);
        assertThat(filter.masquerades(TABLE, "urv0")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "add element inet urvpn-12345678 killed4 { 192.168.0.0/16 }",
                "delete element inet urvpn-12345678 killed4 { 10.0.0.0/8 }",
                "insert rule inet urvpn-12345678 killswitch accept",
                "flush chain inet urvpn-12345678 killswitch",
                "add chain inet urvpn-12345678 killswitch { policy drop; }"
            })
    void aKillSwitchThatSomebodyChangedIsNotAsItWasMade(String change) {
        FilterTable wanted = kill("10.0.0.0/8", "172.16.0.0/12");
        filter.set(TABLE, "urv0", wanted);
        Command.feed(change, "nft", "-f", "-");
        assertThat(filter.matches(TABLE, "urv0", wanted)).isFalse();
        filter.set(TABLE, "urv0", wanted);
        assertThat(filter.matches(TABLE, "urv0", wanted)).isTrue();
    }

    @Test
    void aTableWithNothingToDoIsRefused() {
        assertThatThrownBy(() -> filter.set(TABLE, "urv0", FilterTable.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(TABLE);
        assertThat(filter.tables()).isEmpty();
    }

    /** What a version before the kill switch made. */
    @Test
    void theTableOfAnEarlierVersionIsWhatThisOneMakes() {
        Command.feed("""
                table inet urvpn-12345678 {
                  comment "made by ur-vpn; goes with its VpnInstance"
                  chain forward {
                    type filter hook forward priority mangle; policy accept;
                    oifname "urv0" tcp flags syn tcp option maxseg size set rt mtu
                  }
                  chain postrouting {
                    type nat hook postrouting priority srcnat; policy accept;
                    oifname "urv0" masquerade
                  }
                }
                """, "nft", "-f", "-");
        assertThat(filter.masquerades(TABLE, "urv0")).isTrue();
        assertThat(filter.matches(TABLE, "urv0", kill("10.0.0.0/8"))).isFalse();
    }

    @Test
    void foreignTablesStayAsTheyWere() {
        Command.feed("""
                table inet urvpn-1234567 {
                  chain c {
                    type filter hook forward priority 0;
                    oifname urv0 drop
                  }
                }
                table ip urvpn-12345678 {
                  chain c {
                    counter
                  }
                }
                table ip6 kube-proxy {
                  chain c {
                    accept
                  }
                }
                """, "nft", "-f", "-");
        String before = Command.line("nft -a list ruleset");
        filter.masquerade(TABLE, "urv0");
        assertThat(filter.tables()).containsExactlyInAnyOrder("urvpn-1234567", TABLE);
        assertThat(filter.delete(TABLE)).isTrue();
        assertThat(filter.delete(TABLE)).isFalse();
        assertThat(Command.line("nft -a list ruleset")).isEqualTo(before);
    }

    @Test
    void aMissingProgramIsSaid() {
        assertThatThrownBy(() -> new NftPacketFilter("/nonexistent/nft").tables())
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.TOOL))
                .hasMessageContaining("/nonexistent/nft");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a;flush ruleset", "a\nb", "", "1a", "a\"b"})
    void aNameThatIsNotOneNeverReachesTheProgram(String name) {
        assertThatThrownBy(() -> filter.masquerade(name, "urv0")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> filter.delete(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFurtherInterfaceThatIsNoneNeverReachesTheProgram() {
        assertThatThrownBy(() -> filter.set(TABLE, "urv0", only(Set.of("a\" accept"), Traffic.all(false))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("accept");
        assertThat(filter.tables()).isEmpty();
    }
}
