package io.urvpn.unit.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Connections;
import io.urvpn.host.Flow;
import io.urvpn.host.Flow.Echo;
import io.urvpn.host.Flow.Ports;
import io.urvpn.host.Flow.Tuple;
import io.urvpn.host.HostException;
import io.urvpn.host.linux.Errno;
import io.urvpn.host.linux.LinuxConnections;
import io.urvpn.host.linux.NetlinkTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionMessagesTest {
    private static final IpPrefix POD = IpPrefix.parse("10.1.0.5");
    private static final IpPrefix FAR = IpPrefix.parse("10.2.0.1");
    private static final IpPrefix TUNNEL = IpPrefix.parse("10.8.0.2");
    private static final Flow WEB = new Flow(
            0x7440a08fL,
            5,
            new Tuple(POD, FAR, 6, Optional.of(new Ports(40000, 80)), Optional.empty(), 0),
            new Tuple(FAR, TUNNEL, 6, Optional.of(new Ports(80, 40000)), Optional.empty(), 0));
    private static final Flow PING = new Flow(
            0x8f9c615cL,
            0,
            new Tuple(POD, FAR, 1, Optional.empty(), Optional.of(new Echo(8, 0, 77)), 0),
            new Tuple(FAR, POD, 1, Optional.empty(), Optional.of(new Echo(0, 0, 77)), 0));

    @TempDir
    private Path proc;

    private final RecordedKernel kernel = new RecordedKernel();

    private Connections connections() {
        return new LinuxConnections(kernel.netlink(NetlinkTransport.NETFILTER), proc);
    }

    private static List<byte[]> recording() {
        return RecordedKernel.recording("connections.hex");
    }

    @Test
    void flowsOfARealKernelAreFoundByAnyOfTheirAddresses() {
        kernel.dumps(recording()).dumps(recording());
        assertThat(connections().list(Set.of(IpPrefix.parse("10.8.0.2/24")))).containsExactly(WEB);
        assertThat(connections().list(Set.of(POD))).containsExactly(WEB, PING);
    }

    @Test
    void withoutAnAddressNothingIsAsked() {
        assertThat(connections().list(Set.of())).isEmpty();
        assertThat(kernel.asked).isEmpty();
    }

    /** As it says a chain of its table again where the entry at which it had paused went away. */
    @Test
    void aFlowThatTheKernelSaysTwiceIsOne() {
        kernel.dumps(List.of(recording().getFirst(), recording().getFirst()));
        assertThat(connections().list(Set.of(TUNNEL))).containsExactly(WEB);
    }

    @Test
    void aFlowIsAskedForAndThenDeletedByItsDirectionZoneAndId() {
        kernel.answers(recording().getFirst()).replies(0);
        assertThat(connections().delete(WEB)).isTrue();
        String direction = """
                        0600 1200 0005 0000
                        3400 0180
                          1400 0180 0800 0100 0a010005 0800 0200 0a020001
                          1c00 0280 0500 0100 06 000000 0600 0200 9c40 0000 0600 0300 0050 0000
                        """;
        assertThat(kernel.asked)
                .containsExactly(
                        ("50000000 0101 0500 00000000 00000000 02000000" + direction).replaceAll("\\s", ""),
                        ("58000000 0201 0500 00000000 00000000 02000000" + direction + "0800 0c00 7440a08f")
                                .replaceAll("\\s", ""));
    }

    @Test
    void anotherFlowOfTheSameDirectionIsNotDeleted() {
        kernel.answers(recording().getLast());
        Flow elsewhere = new Flow(
                PING.id(),
                PING.zone(),
                PING.original(),
                new Tuple(FAR, TUNNEL, 1, Optional.empty(), PING.reply().echo(), 0));
        assertThat(connections().delete(elsewhere)).isFalse();
        assertThat(kernel.asked).hasSize(1);
    }

    @Test
    void aFlowThatHasGoneWasNotDeletedByUs() {
        kernel.replies(Errno.ENOENT);
        assertThat(connections().delete(WEB)).isFalse();
        kernel.answers(recording().getFirst()).replies(Errno.ENOENT);
        assertThat(connections().delete(WEB)).isFalse();
        kernel.replies(Errno.EPERM);
        assertThatThrownBy(() -> connections().delete(WEB))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.DENIED));
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EINVAL, Errno.EOPNOTSUPP, Errno.EPROTONOSUPPORT})
    void whereNothingIsTrackedThereIsNoneAndWhereItIsNotShownThatIsSaid(int errno) throws IOException {
        kernel.replies(errno).replies(errno);
        assertThat(connections().list(Set.of(TUNNEL))).isEmpty();
        Connections none = new LinuxConnections(RecordedKernel.withoutFamily(NetlinkTransport.NETFILTER, errno), proc);
        assertThat(none.list(Set.of(TUNNEL))).isEmpty();

        Path directory = Files.createDirectories(proc.resolve("sys/net/netfilter"));
        Files.writeString(directory.resolve("nf_conntrack_max"), "262144\n");
        assertThatThrownBy(() -> connections().list(Set.of(TUNNEL)))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.UNSUPPORTED))
                .hasMessageContaining("nf_conntrack_netlink");
    }

    @Test
    void aRefusalIsNotTakenForNone() {
        kernel.replies(Errno.EPERM);
        assertThatThrownBy(() -> connections().list(Set.of(TUNNEL)))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.DENIED));
    }
}
