package io.urvpn.unit.notify.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.RepairStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusConnectionStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.api.v1alpha1.VpnNodeStatusSweepBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.notify.metrics.AgentMetrics;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.notify.metrics.NodeView;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
    private static final String OFFICE = "{type=\"WireGuard\",vpn_instance=\"office\"} ";

    private final Measurements measurements = new Measurements();
    private final Map<VpnAttachment, VpnAttachmentStatus> attachments = new LinkedHashMap<>();
    private Optional<Sweep> lastSweep = Optional.empty();
    private final AgentMetrics metrics = new AgentMetrics(measurements);

    AgentMetricsTest() {
        metrics.of(new NodeView() {
            @Override
            public void attachments(BiConsumer<VpnAttachment, VpnAttachmentStatus> each) {
                attachments.forEach(each);
            }

            @Override
            public Optional<Sweep> sweep() {
                return lastSweep;
            }
        });
    }

    private List<String> told(String prefix) {
        return measurements
                .text()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .toList();
    }

    private static VpnAttachment attachment(DesiredState desired) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder().withName("vpnatt-1").build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", "uid"))
                .type(VpnType.WIREGUARD)
                .desired(desired)
                .build());
        return attachment;
    }

    private static VpnAttachmentStatus up() {
        return VpnAttachmentStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType(Reasons.READY)
                        .withStatus("True")
                        .build()))
                .connection(VpnAttachmentStatusConnectionStatusBuilder.builder()
                        .lastHandshakeAt(Instant.ofEpochSecond(2000))
                        .receivedBytes(10L)
                        .sentBytes(20L)
                        .build())
                .repairs(new RepairStatus(3L, "rule", Instant.ofEpochSecond(1)))
                .build();
    }

    @Test
    void tellsTheTunnelsThatAreToBeUpHere() {
        attachments.put(attachment(DesiredState.ATTACHED), up());
        assertThat(told("urvpn_tunnel_"))
                .containsExactlyInAnyOrder(
                        "urvpn_tunnel_up" + OFFICE + "1.0",
                        "urvpn_tunnel_last_handshake_timestamp_seconds" + OFFICE + "2000.0",
                        "urvpn_tunnel_received_bytes_total" + OFFICE + "10.0",
                        "urvpn_tunnel_sent_bytes_total" + OFFICE + "20.0",
                        "urvpn_tunnel_repairs_total" + OFFICE + "3.0");
    }

    @Test
    void oneThatIsOrderedDownOrHasGoneIsToldNoMore() {
        attachments.put(attachment(DesiredState.DETACHED), up());
        assertThat(told("urvpn_tunnel_")).isEmpty();
    }

    @Test
    void aTunnelOfWhichNothingIsKnownIsDown() {
        attachments.put(
                attachment(DesiredState.ATTACHED),
                VpnAttachmentStatusBuilder.builder().build());
        assertThat(told("urvpn_tunnel_"))
                .containsExactlyInAnyOrder(
                        "urvpn_tunnel_up" + OFFICE + "0.0", "urvpn_tunnel_repairs_total" + OFFICE + "0.0");
    }

    @Test
    void tellsTheSweeps() {
        lastSweep = Optional.of(VpnNodeStatusSweepBuilder.builder()
                .lastRunAt(Instant.ofEpochSecond(3000))
                .intervalSeconds(30)
                .orphansPresent(1)
                .orphansGone(4L)
                .build());
        metrics.swept(Duration.ofMillis(250), lastSweep);
        metrics.swept(Duration.ofMillis(250), Optional.empty());
        assertThat(told("urvpn_sweep_"))
                .contains(
                        "urvpn_sweep_last_run_timestamp_seconds 3000.0",
                        "urvpn_sweep_interval_seconds 30.0",
                        "urvpn_sweep_orphans 1.0",
                        "urvpn_sweep_orphans_gone_total 4.0",
                        "urvpn_sweep_duration_seconds_count{result=\"Complete\"} 1",
                        "urvpn_sweep_duration_seconds_sum{result=\"Complete\"} 0.25",
                        "urvpn_sweep_duration_seconds_count{result=\"Failed\"} 1");
    }
}
