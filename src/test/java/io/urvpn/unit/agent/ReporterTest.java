package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.urvpn.agent.AttachmentStatusWriter;
import io.urvpn.agent.Reporter;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.ConnectionStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PeerStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusConnectionStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReporterTest {
    private final AgentOnNode.SetClock clock = new AgentOnNode.SetClock();
    private final List<VpnAttachmentStatus> written = new CopyOnWriteArrayList<>();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile boolean away;
    private volatile boolean gone;
    private final Reporter reporter = new Reporter(this::write, clock, Duration.ofMinutes(5), told::add);
    private final VpnAttachment attachment = attachment();

    private AttachmentStatusWriter.Written write(String name, String uid, VpnAttachmentStatus status) {
        if (away) {
            throw new IllegalStateException("connection refused");
        }
        if (gone) {
            return AttachmentStatusWriter.Written.GONE;
        }
        written.add(status);
        return AttachmentStatusWriter.Written.DONE;
    }

    private static VpnAttachment attachment() {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(
                new ObjectMetaBuilder().withName("vpnatt-1").withUid("uid-1").build());
        return attachment;
    }

    private static VpnAttachmentStatus status(int table, long bytes) {
        return VpnAttachmentStatusBuilder.builder()
                .table(table)
                .peers(List.of(new PeerStatus("KEY=", null, Instant.ofEpochSecond(bytes), bytes, bytes)))
                .build();
    }

    private void idle(int writes) {
        await().during(Duration.ofMillis(200)).atMost(Duration.ofSeconds(2)).until(() -> written.size() == writes);
    }

    @AfterEach
    void close() {
        reporter.close();
    }

    @Test
    void aChangeOfStateIsWrittenAtOnceAndOnce() {
        reporter.report(attachment, status(20000, 1));
        await().until(() -> told.equals(List.of("vpnatt-1")));
        reporter.report(attachment, status(20000, 1));
        idle(1);
        reporter.report(attachment, status(20001, 1));
        await().until(() -> written.size() == 2);
        assertThat(reporter.written(attachment)).contains(status(20001, 1));
    }

    @Test
    void countersAloneAreWrittenEveryFiveMinutes() {
        reporter.report(attachment, status(20000, 1));
        await().until(() -> told.size() == 1);
        reporter.report(attachment, status(20000, 2));
        clock.advance(Duration.ofSeconds(299));
        reporter.report(attachment, status(20000, 3));
        idle(1);

        clock.advance(Duration.ofSeconds(2));
        reporter.report(attachment, status(20000, 4));
        await().until(() -> written.size() == 2);
        assertThat(written.getLast()).isEqualTo(status(20000, 4));
    }

    /** While a daemon tries to connect all of these change every few seconds. */
    @Test
    void whatADaemonTellsOfItsTriesCountsAsCounters() {
        ConnectionStatus connected = VpnAttachmentStatusConnectionStatusBuilder.builder()
                .state("CONNECTED")
                .connectedSince(Instant.EPOCH)
                .lastHandshakeAt(Instant.EPOCH)
                .endpoint("192.0.2.1:1194")
                .receivedBytes(1L)
                .sentBytes(1L)
                .lastError("TLS Error")
                .lastErrorAt(Instant.EPOCH)
                .build();
        reporter.report(attachment, told(connected));
        await().until(() -> told.size() == 1);

        reporter.report(
                attachment,
                told(VpnAttachmentStatusConnectionStatusBuilder.builder(connected)
                        .state("WAIT")
                        .lastHandshakeAt(Instant.EPOCH.plusSeconds(1))
                        .receivedBytes(2L)
                        .sentBytes(2L)
                        .lastErrorAt(Instant.EPOCH.plusSeconds(1))
                        .build()));
        idle(1);

        List<ConnectionStatus> others = List.of(
                VpnAttachmentStatusConnectionStatusBuilder.builder(connected)
                        .endpoint("192.0.2.2:1194")
                        .build(),
                VpnAttachmentStatusConnectionStatusBuilder.builder(connected)
                        .connectedSince(null)
                        .build(),
                VpnAttachmentStatusConnectionStatusBuilder.builder(connected)
                        .lastError("AUTH_FAILED")
                        .build());
        for (int i = 0; i < others.size(); i++) {
            int writes = i + 2;
            reporter.report(attachment, told(others.get(i)));
            await().until(() -> told.size() == writes);
        }
        assertThat(written.getLast()).isEqualTo(told(others.getLast()));
    }

    private static VpnAttachmentStatus told(ConnectionStatus connection) {
        return VpnAttachmentStatusBuilder.builder().connection(connection).build();
    }

    @Test
    void whatTheApiHoldsAlreadyIsNotWrittenAgainAfterARestart() {
        attachment.setStatus(status(20000, 1));
        reporter.report(attachment, status(20000, 5));
        idle(0);
    }

    @Test
    void whileTheApiIsAwayTheNewestWaits() {
        away = true;
        reporter.report(attachment, status(20000, 1));
        reporter.report(attachment, status(20001, 1));
        assertThat(reporter.written(attachment)).isEmpty();

        away = false;
        await().until(() -> written.equals(List.of(status(20001, 1))));
    }

    @Test
    void anAttachmentThatIsGoneIsNotWrittenAgain() {
        gone = true;
        reporter.report(attachment, status(20000, 1));
        idle(0);
        assertThat(told).isEmpty();
    }
}
