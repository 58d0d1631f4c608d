package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An IPsec tunnel is as its daemon tells its launcher. */
class IpsecAttachingTest {
    private static final Path FILE = Path.of("/run/ur-vpn", UID, "connection.json");

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables xfrm");
    private final AgentOnNode node = new AgentOnNode(host);

    @BeforeEach
    void start() {
        node.edit(spec -> spec.type(VpnType.IPSEC)
                .addresses(null)
                .killSwitch(true)
                .routes(List.of(new TunnelRoute("0.0.0.0/0", null))));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
    }

    private void tells(String fields) {
        String report = "{\"version\":1,\"podUid\":\"pod-1\",\"at\":\"" + node.clock.instant() + "\"," + fields + "}";
        host.files().write(FILE, report.getBytes(StandardCharsets.UTF_8));
        node.settle();
    }

    @Test
    void theTableIsToldBeforeThePermit() {
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/table")).hasValue("20000\n");
        assertThat(host.actions())
                .containsSubsequence(
                        "file write /run/ur-vpn/" + UID + "/table", "file write /run/ur-vpn/" + UID + "/permit");
    }

    @Test
    void itIsUpWhenTheDaemonSaysSoAndItsPeerIsLeftOut() {
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);
        assertThat(node.ready().getMessage()).contains("has told nothing");

        tells("\"state\":\"ESTABLISHED\",\"up\":true,\"endpoint\":\"203.0.113.9:4500\","
                + "\"addresses\":[\"10.210.0.11/32\"],\"mtu\":1400");

        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        assertThat(node.status().connection().endpoint()).isEqualTo("203.0.113.9:4500");
        assertThat(host.lines("address")).isEqualTo("address urv0 10.210.0.11/32");
        assertThat(host.lines("route")).contains("route 20000 203.0.113.9/32 proto 200 type 9");
        assertThat(host.lines("table")).contains("kill 0.0.0.0/0").contains("except 203.0.113.9/32");
    }

    @Test
    void whileItIsNotUpTheDaemonsLastErrorIsTold() {
        tells("\"state\":\"CONNECTING\",\"up\":false,\"lastError\":\"received AUTHENTICATION_FAILED error notify\"");

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);
        assertThat(node.ready().getMessage())
                .startsWith("IKE and its children are not established")
                .endsWith("The daemon's last error: received AUTHENTICATION_FAILED error notify");
    }
}
