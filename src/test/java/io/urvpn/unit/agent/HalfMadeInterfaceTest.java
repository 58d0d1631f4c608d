package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.agent.Marks;
import io.urvpn.agent.Sweeper;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Interfaces of the kernel that a launcher made, and was killed before it gave them their alias. */
class HalfMadeInterfaceTest {
    private static final String OURS = "link 7 ur-444455556666 kind wireguard";
    private static final String FOREIGN = """
            link 8 ur-444455556667 kind wireguard
            link 9 ur-44445555666 kind wireguard
            link 10 ur-4444555566667 kind wireguard""";

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables kernel-wireguard");
    private final AgentOnNode node = new AgentOnNode(host);

    @Test
    void theNameOfTheMakingHasTheRandomEndOfTheUid() {
        assertThat(Marks.makingName(UID)).isEqualTo("ur-444455556666").hasSize(15);
        assertThat(Marks.makingName("short")).isEqualTo("ur-short");
    }

    @Test
    void theInterfaceIsNotYetTheTunnels() {
        FakeLauncher.start(host, UID, "pod-1", "other0", 100);
        host.add(OURS);
        node.settle();

        assertThat(node.ready().getReason()).isEqualTo(Reasons.WAITING_FOR_INTERFACE);
        assertThat(host.lines("link")).contains(OURS);
    }

    @Test
    void aDetachRemovesItAndThoseOfNobodyKnownStay() {
        node.settle();
        host.add(FOREIGN);
        host.add(OURS);

        node.order().ask(1).pass();

        assertThat(node.status().verdict().clean()).isTrue();
        assertThat(host.lines("link")).isEqualTo(FOREIGN);
    }

    @Test
    void anotherKindOrAnotherAliasUnderThatNameIsSomebodyElses() {
        String foreign = "link 7 ur-444455556666 kind dummy";
        node.settle();
        host.add(foreign);
        node.order().ask(1).pass();
        assertThat(node.status().verdict().clean()).isTrue();
        assertThat(host.lines("link")).isEqualTo(foreign);

        host.remove(foreign);
        host.add(OURS + " alias somebody");
        node.ask(2).pass();
        assertThat(node.status().verdict().clean()).isTrue();
        assertThat(host.lines("link")).isEqualTo(OURS + " alias somebody");
    }

    @Test
    void theSweepReportsOneThatNoAttachmentExplains() {
        Sweeper sweeper = new Sweeper(node.context());
        host.add("link 8 ur-444455556667 kind wireguard");
        host.add(OURS);
        sweeper.run(List.of(node.attachment));
        node.clock.advance(Duration.ofSeconds(30));

        assertThat(sweeper.run(List.of(node.attachment)).orphans())
                .singleElement()
                .satisfies(orphan -> {
                    assertThat(orphan.identity()).contains("ur-444455556667");
                    assertThat(orphan.instanceUid()).isNull();
                });
    }
}
