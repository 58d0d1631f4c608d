package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the daemon tells its launcher decides on addresses, MTU and health. */
class OpenVpnAttachingTest {
    private static final Path FILE = Path.of("/run/ur-vpn", UID, "connection.json");

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);

    @BeforeEach
    void start() {
        node.edit(spec -> spec.type(VpnType.OPENVPN).addresses(null));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
    }

    /** With the daemon's word of this moment. */
    private void tells(String fields) {
        String report = "{\"version\":1,\"podUid\":\"pod-1\",\"at\":\"" + node.clock.instant() + "\"," + fields + "}";
        host.files().write(FILE, report.getBytes(StandardCharsets.UTF_8));
        node.settle();
    }

    private void connected(String addresses) {
        tells("\"state\":\"CONNECTED\",\"up\":true,\"connectedSince\":\"2026-11-01T12:00:00Z\","
                + "\"endpoint\":\"192.0.2.1:1194\",\"receivedBytes\":7,\"sentBytes\":8,\"addresses\":[" + addresses
                + "],\"mtu\":1400,\"pushedRoutes\":[\"10.211.0.0/24\"]");
    }

    @Test
    void theInterfaceGetsWhatThePeerGives() {
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);

        connected("\"10.210.0.11/24\",\"fd00:210::11/64\"");

        assertThat(host.lines("link", "address", "route", "rule")).isEqualTo("""
                link 2 urv0 kind tun mtu 1400 up alias urvpn:%s
                address urv0 10.210.0.11/24
                address urv0 fd00:210::11/64
                route 20000 10.20.0.0/16 dev urv0 proto 200
                rule 20000 lookup 20000 proto 200""".formatted(UID));
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        assertThat(node.status().connection()).satisfies(connection -> {
            assertThat(connection.state()).isEqualTo("CONNECTED");
            assertThat(connection.endpoint()).isEqualTo("192.0.2.1:1194");
            assertThat(connection.pushedRoutes()).containsExactly("10.211.0.0/24");
            assertThat(connection.receivedBytes()).isEqualTo(7);
        });
    }

    /** OpenVPN makes its interface only when its peer has let it in. */
    @Test
    void whyThereIsNoInterfaceYetIsToldInTheDaemonsWords() {
        host.remove(host.lines("link"));

        tells("\"state\":\"RECONNECTING\",\"up\":false,\"lastError\":\"AUTH: Received control message: AUTH_FAILED\"");

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_INTERFACE);
        assertThat(node.ready().getMessage())
                .endsWith("The daemon's last error: AUTH: Received control message: AUTH_FAILED");
        assertThat(node.status().connection().lastError()).contains("AUTH_FAILED");
    }

    @Test
    void theInstancesAddressesAndMtuComeFirst() {
        node.edit(spec -> spec.addresses(List.of("10.8.0.2/24")).mtu(1300));

        connected("\"10.210.0.11/24\"");

        assertThat(host.lines("address")).isEqualTo("address urv0 10.8.0.2/24");
        assertThat(host.lines("link")).contains("mtu 1300");
    }

    @Test
    void anotherAddressTakesThePlaceOfTheOneBefore() {
        connected("\"10.210.0.11/24\"");

        connected("\"10.210.0.12/24\"");

        assertThat(host.lines("address")).isEqualTo("address urv0 10.210.0.12/24");
    }

    @Test
    void whileThePeerIsAwayEverythingStaysInPlaceAndTheErrorIsTold() {
        connected("\"10.210.0.11/24\"");
        String before = host.lines("link", "address", "route", "rule");

        tells("\"state\":\"RECONNECTING\",\"up\":false,\"lastError\":\"TLS Error: TLS handshake failed\"");

        assertThat(host.lines("link", "address", "route", "rule")).isEqualTo(before);
        assertThat(node.ready().getStatus()).isEqualTo("False");
        assertThat(node.ready().getMessage()).contains("TLS Error: TLS handshake failed");
        assertThat(node.status().connection().connectedSince()).isNull();
    }

    @Test
    void aDaemonThatSaysNothingMoreIsNotUp() {
        connected("\"10.210.0.11/24\"");
        node.clock.advance(Duration.ofSeconds(21));

        node.settle();

        assertThat(node.ready().getStatus()).isEqualTo("False");
        assertThat(node.ready().getMessage()).contains("has not said anything since 2026-11-01T12:00:01Z");
        assertThat(host.lines("address")).isEqualTo("address urv0 10.210.0.11/24");
    }

    @Test
    void whatThePeerMadeUpIsNotTakenOver() {
        connected("\"10.210.0.11/24\",\"; rm -rf /\",\"300.1.1.1/8\",null");

        assertThat(host.lines("address")).isEqualTo("address urv0 10.210.0.11/24");
        assertThat(node.status().connection().addresses()).containsExactly("10.210.0.11/24");
    }

    @Test
    void aReportOfAnotherPodOrFormatIsNone() {
        host.files()
                .write(
                        FILE,
                        ("{\"version\":1,\"podUid\":\"pod-0\",\"at\":\"2026-11-01T12:00:00Z\",\"state\":\"CONNECTED\","
                                        + "\"up\":true,\"addresses\":[\"10.1.1.1/24\"]}")
                                .getBytes(StandardCharsets.UTF_8));
        node.settle();
        assertThat(host.lines("address")).isEmpty();

        host.files().write(FILE, "{\"version\":2,".getBytes(StandardCharsets.UTF_8));
        node.settle();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);
        assertThat(node.ready().getMessage()).contains("told nothing");
    }

    @Test
    void aDetachLeavesNothing() {
        connected("\"10.210.0.11/24\"");

        node.order().settle();

        assertThat(host.lines("link", "address", "route", "rule")).isEmpty();
        assertThat(host.files().exists(FILE)).isFalse();
        assertThat(node.status().detach().components()).allMatch(component -> component.error() == null);
    }
}
