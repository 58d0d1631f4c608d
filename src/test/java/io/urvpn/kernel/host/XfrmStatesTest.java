package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Xfrm;
import io.urvpn.host.XfrmMark;
import io.urvpn.host.XfrmState;
import io.urvpn.host.linux.LinuxHost;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** States that ip(8) made. This machine's kernel may have no ESP: an SPI that is only reserved is a state too. */
@ExtendWith(NetworkNamespace.class)
class XfrmStatesTest {
    private static final int ESP = 50;
    private static final int AH = 51;
    private static final int TRANSPORT = 0;
    private static final int TUNNEL = 1;
    private static final String KEY = "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b";

    private final Xfrm xfrm = new LinuxHost().xfrm();

    @Test
    void aNodeWithoutIpsecHasNone() {
        assertThat(xfrm.states()).isEmpty();
    }

    private static void reserve(String proto, String ends, String more, int spi) {
        Command.line("ip xfrm state allocspi " + ends + " proto " + proto + " " + more + " min " + spi + " max " + spi);
    }

    @Test
    void statesAreRead() {
        Instant before = Instant.now().minusSeconds(1);
        reserve("esp", "src 192.0.2.1 dst 192.0.2.2", "reqid 20000 mode tunnel mark 0x87 mask 0xff", 0x7fffffff);
        reserve("ah", "src fd00::1 dst fd00::2", "reqid 20001 mode transport", 0x102);

        List<XfrmState> states = xfrm.states();
        assertThat(states)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("added")
                .containsExactlyInAnyOrder(
                        state("192.0.2.1", "192.0.2.2", 0x7fffffff, ESP, 20000, TUNNEL, new XfrmMark(0x87, 0xff)),
                        state("fd00::1", "fd00::2", 0x102, AH, 20001, TRANSPORT, null));
        assertThat(states).allSatisfy(state -> {
            assertThat(state.added()).isBetween(before, Instant.now());
            assertThat(state.placeholder()).isFalse();
        });
    }

    private static XfrmState state(
            String source, String destination, long spi, int protocol, long reqid, int mode, XfrmMark mark) {
        return new XfrmState(
                IpPrefix.parse(source),
                IpPrefix.parse(destination),
                spi,
                protocol,
                reqid,
                mode,
                0,
                Optional.ofNullable(mark),
                Instant.EPOCH,
                Optional.empty(),
                0,
                0);
    }

    @Test
    void aStateIsRemovedAndLookAlikesStay() {
        String ends = "src 192.0.2.1 dst 192.0.2.2";
        reserve("ah", ends, "reqid 20000 mode tunnel", 0x100);
        reserve("esp", ends, "reqid 20000 mode tunnel", 0x101);
        reserve("esp", "src 192.0.2.1 dst 192.0.2.3", "reqid 20000 mode tunnel", 0x102);
        reserve("esp", ends, "reqid 20000 mode tunnel mark 1", 0x103);
        XfrmState ours = state("192.0.2.1", "192.0.2.2", 0x100, ESP, 20000, TUNNEL, null);
        assertThat(xfrm.delete(ours)).isFalse();
        String before = Command.line("ip xfrm state");
        reserve("esp", ends, "reqid 20000 mode tunnel", 0x100);

        assertThat(xfrm.delete(state("192.0.2.1", "192.0.2.2", 0x100, ESP, 20001, TUNNEL, null)))
                .isFalse();
        assertThat(xfrm.delete(ours)).isTrue();
        assertThat(xfrm.delete(ours)).isFalse();
        assertThat(Command.line("ip xfrm state")).isEqualTo(before);
        xfrm.states().forEach(state -> assertThat(xfrm.delete(state)).isTrue());
        assertThat(Command.line("ip xfrm state")).isEmpty();
    }

    @Test
    void aPlaceholderIsNamedAsOneAndNotTakenForGone() throws IOException {
        Command.line("ip link add eth0 type veth peer name eth1");
        Command.line("ip addr add 10.1.0.1/32 dev eth0");
        Command.line("ip link set eth0 up");
        Command.line("ip link set eth1 up");
        Command.line("ip route add 10.2.0.0/16 dev eth0");
        Command.line("ip xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 dir out priority 100"
                + " tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 20000 mode tunnel");
        Process daemon = new ProcessBuilder("ip", "xfrm", "monitor", "acquire")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            await().atMost(Duration.ofSeconds(10)).pollInSameThread().untilAsserted(() -> {
                new ProcessBuilder("ping", "-c1", "-W1", "10.2.0.1").start().waitFor();
                assertThat(xfrm.states()).isNotEmpty();
            });
            XfrmState state = xfrm.states().getFirst();
            assertThat(state.placeholder()).isTrue();
            assertThat(state.reqid()).isEqualTo(20000);
            assertThatThrownBy(() -> xfrm.delete(state))
                    .isInstanceOfSatisfying(
                            HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.UNSUPPORTED));
        } finally {
            daemon.destroy();
        }
    }

    @Test
    void noKeyIsInWhatIsReadOfAState() {
        String command = "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 reqid 20000 mode tunnel"
                + " enc cbc(aes) 0x" + KEY + " auth hmac(sha256) 0x" + KEY + " if_id 5";
        try {
            Command.line(command);
        } catch (IllegalStateException e) {
            System.err.println(
                    "SKIPPED: this kernel has no ESP (" + e.getMessage().strip() + ")");
            Assumptions.abort("this kernel has no ESP");
        }
        assertThat(Command.line("ip xfrm state")).contains(KEY);

        XfrmState state = xfrm.states().getFirst();
        assertThat(state.ifId()).isEqualTo(5);
        assertThat(state.toString().toLowerCase(Locale.ROOT)).doesNotContain("4b4b", "kk", "75, 75", "aes", "sha");
        assertThat(xfrm.delete(state)).isTrue();
        assertThat(Command.line("ip xfrm state")).isEmpty();
    }
}
