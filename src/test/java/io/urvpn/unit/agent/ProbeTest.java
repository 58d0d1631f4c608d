package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Probe;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProbeTest {
    private static final String ADDRESS = "10.20.0.1";
    private static final String HANDSHAKE = "peer urv0 KEY= handshake 2026-11-01T12:00:00Z rx 1 tx 2 keepalive 25";
    private static final String NONE = "peer urv0 KEY= tx 2 keepalive 25";

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);

    @BeforeEach
    void launcher() {
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.edit(spec -> spec.probe(new Probe(ADDRESS, 10)));
        node.settle();
    }

    private void after(int seconds) {
        for (int i = 0; i < seconds; i++) {
            node.clock.advance(Duration.ofSeconds(1));
            node.pass();
        }
    }

    private void up() {
        host.add(HANDSHAKE);
        host.echoes().answers(ADDRESS, true);
        after(10);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }

    private long asked() {
        return host.actions().stream()
                .filter(action -> action.startsWith("echo 2 " + ADDRESS))
                .count();
    }

    @Test
    void anUpTunnelIsNotReadyBeforeTheProbeAnswered() {
        host.add(HANDSHAKE);
        after(1);

        assertThat(node.ready().getStatus()).isEqualTo("False");
        assertThat(node.ready().getReason()).isEqualTo(Reasons.PROBE_FAILED);
        assertThat(node.ready().getMessage()).contains(ADDRESS);

        host.echoes().answers(ADDRESS, true);
        after(5);

        assertThat(node.ready().getStatus()).isEqualTo("True");
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }

    @Test
    void itIsAskedOnceAnIntervalAndSoonerWhileItsAnswerIsMissing() {
        up();
        host.forgetActions();

        after(100);
        assertThat(asked()).isEqualTo(10);

        host.echoes().answers(ADDRESS, false);
        host.forgetActions();
        after(100);
        assertThat(asked()).isBetween(19L, 21L);
    }

    @Test
    void threeInARowWithoutAnAnswerAreAwayAndOneAnswerIsBack() {
        up();
        host.echoes().answers(ADDRESS, false);

        after(18);
        assertThat(node.ready().getReason()).as("two are missing").isEqualTo(Reasons.UP);
        after(6);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.PROBE_FAILED);

        host.echoes().answers(ADDRESS, true);
        after(6);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }

    @Test
    void anAnswerCountsMoreThanTheTunnelsOwnWord() {
        host.add(NONE);
        after(1);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_HANDSHAKE);

        host.echoes().answers(ADDRESS, true);
        after(6);

        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        assertThat(node.ready().getMessage()).contains(ADDRESS);
    }

    @Test
    void whatCouldNotBeSentIsToldInTheKernelsWords() {
        host.add(HANDSHAKE);
        host.refuse("echo", HostException.Kind.OTHER);
        after(20);

        assertThat(node.ready().getReason()).isEqualTo(Reasons.PROBE_FAILED);
        assertThat(node.ready().getMessage()).contains("refused by the test");
    }

    @Test
    void aRestartOfTheAgentDoesNotMakeAReadyTunnelUnready() {
        up();
        node.restart();
        host.echoes().answers(ADDRESS, false);

        after(3);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
        after(20);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.PROBE_FAILED);
    }

    @Test
    void withoutTheProbeTheTunnelDecidesAgain() {
        host.add(HANDSHAKE);
        after(20);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.PROBE_FAILED);

        node.edit(spec -> spec.probe(null)).pass();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.UP);
    }
}
