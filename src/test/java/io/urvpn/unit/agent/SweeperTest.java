package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.urvpn.agent.Sweeper;
import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SweeperTest {
    private static final String DEAD = "12345678-1111-4222-8333-444455556666";

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);
    private final Sweeper sweeper = new Sweeper(node.context());

    private Sweep sweep() {
        node.clock.advance(Duration.ofSeconds(30));
        return sweeper.run(List.of(node.attachment));
    }

    private Sweep sweepWithoutAttachment() {
        node.clock.advance(Duration.ofSeconds(30));
        return sweeper.run(List.of());
    }

    private void up() {
        node.edit(spec -> spec.masquerade(true));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
    }

    @Test
    void whatAnAttachmentExplainsIsNoOrphan() {
        up();
        sweep();
        Sweep second = sweep();
        assertThat(second.orphansPresent()).isZero();
        assertThat(second.orphans()).isNull();
        assertThat(second.entries()).isEqualTo(1);
        assertThat(second.runs()).isEqualTo(2);
        assertThat(second.intervalSeconds()).isEqualTo(30);
        assertThat(second.nextRunAt()).isEqualTo(second.lastRunAt().plusSeconds(30));
    }

    @Test
    void anOrphanMadeByHandIsReportedWhenTwoRunsHaveSeenItAndNothingIsTouched() {
        host.add("rule 20003 lookup 20003 proto 200");
        host.add("link 7 urvdead kind tun alias urvpn:" + DEAD);
        host.add("table urvpn-12345678");
        host.add("file /var/lib/ur-vpn/" + DEAD + "/key \"x\"");
        String before = host.toString();
        host.forgetActions();

        assertThat(sweep().orphans()).isNull();
        Sweep second = sweep();

        assertThat(second.orphans())
                .extracting(Orphan::kind)
                .containsExactlyInAnyOrder(
                        StateKind.RULE, StateKind.INTERFACE, StateKind.PACKET_FILTER_TABLE, StateKind.FILE);
        assertThat(second.orphans())
                .filteredOn(orphan -> orphan.kind() == StateKind.INTERFACE)
                .singleElement()
                .returns(DEAD, Orphan::instanceUid)
                .returns(OrphanAction.REPORTED, Orphan::action);
        assertThat(host.toString()).isEqualTo(before);
        assertThat(host.actions()).isEmpty();
    }

    @Test
    void theTimeAtWhichItWasFirstSeenStaysAndWhatGoesIsCounted() {
        host.add("rule 20003 lookup 20003 proto 200");
        Instant first = sweep().lastRunAt();
        assertThat(sweep().orphans().getFirst().firstSeenAt()).isEqualTo(first);
        assertThat(sweep().orphans().getFirst().firstSeenAt()).isEqualTo(first);
        host.remove("rule 20003 lookup 20003 proto 200");
        Sweep last = sweep();
        assertThat(last.orphansPresent()).isZero();
        assertThat(last.orphansGone()).isEqualTo(1);
    }

    @Test
    void whatSomebodyElseHasIsNone() {
        host.add("rule 20003 lookup 20003 proto 4");
        host.add("rule 100 lookup 100 proto 200");
        host.add("link 7 wg0 kind tun");
        host.add("table inet-filter");
        sweep();
        assertThat(sweep().orphans()).isNull();
    }

    @Test
    void anInstanceWhoseAttachmentIsGoneIsReportedWithWhatTheRegistryKnowsOfIt() {
        up();
        String before = host.toString();
        sweepWithoutAttachment();
        Sweep second = sweepWithoutAttachment();

        assertThat(second.orphans())
                .extracting(Orphan::kind)
                .contains(StateKind.REGISTRY_ENTRY, StateKind.RULE, StateKind.ROUTE, StateKind.INTERFACE);
        assertThat(second.orphans())
                .allSatisfy(orphan -> assertThat(orphan.instanceUid()).isEqualTo(UID));
        assertThat(second.orphans())
                .filteredOn(orphan -> orphan.kind() == StateKind.REGISTRY_ENTRY)
                .singleElement()
                .returns("office", Orphan::instanceName)
                .returns("urv0", Orphan::interfaceName);
        assertThat(host.toString()).isEqualTo(before);
    }

    @Test
    void whatCouldNotBeReadHasNotGone() {
        host.add("rule 20003 lookup 20003 proto 200");
        sweep();
        sweep();
        Runnable heal = host.refuse("rules list", HostException.Kind.DENIED);
        Sweep blind = sweep();
        assertThat(blind.orphansPresent()).isEqualTo(1);
        assertThat(blind.orphansGone()).isZero();
        assertThat(blind.error()).contains("rules list");
        heal.run();
        assertThat(sweep().error()).isNull();
    }

    @Test
    void aDirectoryInWhichALauncherAskedTooLateGoesWhenItsPodHasEnded() {
        host.add("file /run/ur-vpn/" + DEAD + "/request \"pod-9\"");
        host.add("process 900 launcher pod pod-9 container c-900 mark " + DEAD);
        sweep();
        sweep();
        assertThat(host.lines("file")).contains(DEAD);

        host.remove("process 900 launcher pod pod-9 container c-900 mark " + DEAD);
        assertThat(sweep().orphansPresent()).isZero();
        assertThat(host.lines("file")).doesNotContain(DEAD);
    }

    @Test
    void aDirectoryOfAnInstanceThatIsAttachedStays() {
        host.add("file /run/ur-vpn/" + UID + "/request \"pod-9\"");
        sweep();
        sweep();
        assertThat(host.lines("file")).contains("/run/ur-vpn/" + UID + "/request");
    }

    @Test
    void policiesAndStatesOfATableThatNobodyHasAreOrphansAndPlaceholdersAreNot() {
        up();
        host.add("policy out 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 20000001 192.0.2.1 192.0.2.2")
                .add("policy out 10.1.0.0/16 10.3.0.0/16 priority 5 reqid 20003001 192.0.2.1 192.0.2.2")
                .add("policy out 10.1.0.0/16 10.4.0.0/16 priority 5 reqid 7 192.0.2.1 192.0.2.2")
                .add("state 192.0.2.1 192.0.2.2 spi 0x100 reqid 3 if-id 20003")
                .add("state 192.0.2.1 192.0.2.2 reqid 20003001");
        host.forgetActions();
        sweep();

        assertThat(sweep().orphans())
                .extracting(Orphan::kind, Orphan::identity)
                .containsExactly(
                        tuple(StateKind.XFRM, "XFRM policy out 10.1.0.0/16 to 10.3.0.0/16 reqid 20003001"),
                        tuple(StateKind.XFRM, "XFRM state 192.0.2.1 to 192.0.2.2 SPI 0x100 reqid 3 if_id 20003"));
        assertThat(host.actions()).isEmpty();

        sweepWithoutAttachment();
        assertThat(sweepWithoutAttachment().orphans())
                .filteredOn(orphan -> orphan.identity().contains("reqid 20000001"))
                .singleElement()
                .returns(UID, Orphan::instanceUid);
    }
}
