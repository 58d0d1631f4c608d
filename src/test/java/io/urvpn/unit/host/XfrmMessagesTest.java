package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Xfrm;
import io.urvpn.host.XfrmMark;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmPolicy.Action;
import io.urvpn.host.XfrmPolicy.Direction;
import io.urvpn.host.XfrmPolicy.Ports;
import io.urvpn.host.XfrmPolicy.Selector;
import io.urvpn.host.XfrmPolicy.Template;
import io.urvpn.host.XfrmState;
import io.urvpn.host.linux.Errno;
import io.urvpn.host.linux.LinuxXfrm;
import io.urvpn.host.linux.NetlinkTransport;
import io.urvpn.host.linux.XfrmMessages;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class XfrmMessagesTest {
    private static final int ESP = 50;
    private static final Instant ADDED = Instant.ofEpochSecond(0x6b06ba72L);
    private static final int STATE_REQID = 16 + 208;
    private static final int MARK_ATTRIBUTE = 0x15_000c;

    private final RecordedKernel kernel = new RecordedKernel();
    private final Xfrm xfrm = new LinuxXfrm(kernel.netlink(NetlinkTransport.XFRM));

    private static List<byte[]> states() {
        return RecordedKernel.recording("xfrm-states.hex");
    }

    private static List<byte[]> policies() {
        return RecordedKernel.recording("xfrm-policies.hex");
    }

    private static XfrmState state(String source, String destination, long spi, long reqid, int mode) {
        return new XfrmState(
                IpPrefix.parse(source),
                IpPrefix.parse(destination),
                spi,
                ESP,
                reqid,
                mode,
                0,
                Optional.empty(),
                ADDED,
                Optional.empty(),
                0,
                0);
    }

    private static XfrmState marked() {
        return new XfrmState(
                IpPrefix.parse("10.0.0.1"),
                IpPrefix.parse("10.0.0.2"),
                0xc0ffee01L,
                ESP,
                20000,
                1,
                5,
                Optional.of(new XfrmMark(7, 0xff)),
                ADDED,
                Optional.empty(),
                0,
                0);
    }

    @Test
    void statesOfARealKernelAreRead() {
        kernel.dumps(states());
        assertThat(xfrm.states())
                .containsExactly(
                        state("10.0.0.2", "10.0.0.1", 0xc0ffee03L, 20000, 1),
                        state("fd00::1", "fd00::2", 0xc0ffee02L, 20001, 0),
                        marked());
    }

    @Test
    void noByteOfAKeyIsInWhatIsReadOrLeftInWhatWasReceived() {
        assertThat(states())
                .allSatisfy(message -> assertThat(new String(message, StandardCharsets.ISO_8859_1))
                        .contains("KKKKKKKKKKKKKKKK"));
        kernel.dumps(states());

        assertThat(xfrm.states().toString()).doesNotContain("K", "4b", "4B", "75", "aes", "sha256");
        assertThat(kernel.given)
                .hasSize(4)
                .allSatisfy(datagram -> assertThat(datagram.array()).containsOnly(0));
    }

    @Test
    void policiesOfARealKernelAreRead() {
        kernel.dumps(policies());
        assertThat(xfrm.policies()).containsExactly(blocking(), leaving());
    }

    private static XfrmPolicy blocking() {
        return new XfrmPolicy(
                Direction.FWD,
                new Selector(IpPrefix.parse("fd00::/16"), IpPrefix.parse("fd01::/16"), 0, Ports.ANY, Ports.ANY),
                4294967295L,
                Action.BLOCK,
                0,
                Optional.empty(),
                List.of(),
                "");
    }

    private static XfrmPolicy leaving() {
        return new XfrmPolicy(
                Direction.OUT,
                new Selector(
                        IpPrefix.parse("10.1.0.0/16"),
                        IpPrefix.parse("10.2.0.0/16"),
                        6,
                        Ports.ANY,
                        new Ports(80, 0xffff)),
                100,
                Action.ALLOW,
                5,
                Optional.of(new XfrmMark(7, 0xff)),
                List.of(new Template(IpPrefix.parse("10.0.0.1"), IpPrefix.parse("10.0.0.2"), ESP, 20000, 1)),
                "");
    }

    @Test
    void aPolicyOfASocketAndAnyOtherMessageAreLeftOut() {
        byte[] ofASocket = policies().getFirst();
        ofASocket[16 + 160] = 4;
        assertThat(XfrmMessages.policy(RecordedKernel.message(ofASocket))).isEmpty();
        assertThat(XfrmMessages.policy(RecordedKernel.message(states().getFirst())))
                .isEmpty();
        assertThat(XfrmMessages.state(RecordedKernel.message(policies().getFirst())))
                .isEmpty();
    }

    @Test
    void aPolicyIsDeletedByItsIndexAndAllThatTheKernelCompares() {
        kernel.dumps(policies()).replies(0);
        assertThat(xfrm.delete(leaving())).isTrue();
        assertThat(kernel.asked.getLast()).isEqualTo("""
                        70000000 1400 0500 00000000 00000000
                        0a020000000000000000000000000000
                        0a010000000000000000000000000000
                        0050 ffff 0000 0000 0200 10 10 06 000000 00000000 00000000
                        01000000 01 000000
                        0a00 1000 000000000000 0000
                        0c00 1500 07000000 ff000000
                        0800 1f00 05000000""".replaceAll("\\s", ""));
    }

    @Test
    void aStateIsDeletedByWhatTheKernelFindsItBy() {
        kernel.dumps(states()).replies(0);
        assertThat(xfrm.delete(marked())).isTrue();
        assertThat(kernel.asked.getLast()).isEqualTo("""
                        48000000 1100 0500 00000000 00000000
                        0a000002000000000000000000000000 c0ffee01 0200 32 00
                        1400 0d00 0a000001000000000000000000000000
                        0c00 1500 07000000 ff000000""".replaceAll("\\s", ""));
    }

    @Test
    void whatIsNotThereAnyMoreWasNotDeletedByUs() {
        kernel.dumps(List.of());
        assertThat(xfrm.delete(leaving())).isFalse();
        kernel.dumps(policies()).replies(Errno.ENOENT);
        assertThat(xfrm.delete(leaving())).isFalse();
        kernel.dumps(states()).replies(Errno.ESRCH);
        assertThat(xfrm.delete(marked())).isFalse();
        kernel.dumps(states()).replies(Errno.EPERM);
        assertThatThrownBy(() -> xfrm.delete(marked()))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.DENIED))
                .hasMessageContaining("0xc0ffee01");
    }

    @Test
    void aStateOfAnotherReqidIsNotTheOneThatWasMeant() {
        byte[] foreign = states().getLast();
        littleEndian(foreign).putInt(STATE_REQID, 7);
        kernel.dumps(List.of(foreign));
        assertThat(xfrm.delete(marked())).isFalse();
        assertThat(kernel.asked).hasSize(1);
    }

    /** The kernel would find the one without a mark as well by the mark of the other. */
    @Test
    void aStateThatTheKernelCouldTakeAnotherForIsLeft() {
        byte[] unmarked = states().getLast();
        ByteBuffer bytes = littleEndian(unmarked);
        for (int at = 0; at < unmarked.length; at += 4) {
            if (bytes.getInt(at) == MARK_ATTRIBUTE) {
                bytes.putLong(at + 4, 0);
            }
        }
        bytes.putInt(STATE_REQID, 7);
        kernel.dumps(List.of(unmarked, states().getLast()));

        assertThatThrownBy(() -> xfrm.delete(marked()))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.EXISTS));
        assertThat(kernel.asked).hasSize(1);
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void aKernelWithoutXfrmHasNoneAndARefusalIsNotTakenForThat() {
        Xfrm none = new LinuxXfrm(RecordedKernel.withoutFamily(NetlinkTransport.XFRM, Errno.EPROTONOSUPPORT));
        assertThat(none.policies()).isEmpty();
        assertThat(none.states()).isEmpty();
        assertThat(none.delete(leaving())).isFalse();

        Xfrm refusing = new LinuxXfrm(RecordedKernel.withoutFamily(NetlinkTransport.XFRM, Errno.EAFNOSUPPORT));
        assertThatThrownBy(refusing::states).isInstanceOf(HostException.class);
        assertThatThrownBy(refusing::policies).isInstanceOf(HostException.class);
    }
}
