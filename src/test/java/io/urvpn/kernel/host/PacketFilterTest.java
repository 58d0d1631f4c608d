package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.host.HostException;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.linux.NftPacketFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
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
}
