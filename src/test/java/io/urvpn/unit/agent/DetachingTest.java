package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.OPERATION;
import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DetachingTest {
    private static final String FOREIGN = """
            link 9 urv00 kind tun up alias urvpn:other
            route 20000 10.77.0.0/16 dev urv00 proto 4
            rule 19999 lookup 254 proto 200
            rule 20000 from 10.77.0.0/16 lookup 20000 proto 4
            rule 20000 lookup 20001 proto 4
            table urvpn-ffffffff masquerades urv00""";

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);
    private FakeLauncher launcher;

    private void up() {
        node.edit(spec -> spec.masquerade(true));
        launcher = FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
        host.add("peer urv0 KEY= handshake 2026-11-01T12:00:00Z keepalive 25");
        node.settle();
        host.add(FOREIGN);
    }

    private String network() {
        return host.lines("link", "address", "route", "rule", "table");
    }

    private ComponentStatus component(Component component) {
        return node.status().detach().components().stream()
                .filter(status -> status.component() == component)
                .findFirst()
                .orElseThrow();
    }

    private Verdict verdict() {
        return node.status().verdict();
    }

    @Test
    void everythingOfTheInstanceGoesAndEverythingElseStays() {
        up();
        node.order().settle();

        assertThat(network()).isEqualTo(FOREIGN);
        assertThat(host.lines("process")).isEqualTo("""
                process 100 pause pod pod-1 container sandbox-100 sandbox
                process 101 launcher pod pod-1 container c-100 mark %s""".formatted(UID));
        assertThat(host.lines("directory", "socket")).isEqualTo("directory /run/ur-vpn/" + UID);
        assertThat(host.lines("file").lines().map(line -> line.split(" ")[1]))
                .containsExactly("/var/lib/ur-vpn/machine-key", "/var/lib/ur-vpn/registry/" + UID + ".json");
        assertThat(node.status().detach().operationId()).isEqualTo(OPERATION);
        assertThat(node.status().detach().stepsCompletedAt()).isNotNull();
        assertThat(node.status().detach().components()).allSatisfy(status -> {
            assertThat(status.status()).isEqualTo(ComponentState.COMPLETED);
            assertThat(status.attempt()).isEqualTo(1);
            assertThat(status.completedAt()).isNotNull();
        });
    }

    @Test
    void eachStepHasItsEvidence() {
        up();
        node.order().settle();

        Evidence thread = component(Component.THREAD_TERMINATION).evidence();
        assertThat(thread.threadId()).isEqualTo("pod-1/101");
        assertThat(thread.stopped()).isTrue();
        Evidence routing = component(Component.ROUTING_RULES_CLEAR).evidence();
        assertThat(routing.rulesCleared()).isEqualTo(1);
        assertThat(routing.routesCleared()).isEqualTo(1);
        Evidence vpn = component(Component.VPN_DISCONNECT).evidence();
        assertThat(vpn.vpnType()).isEqualTo("WireGuard");
        assertThat(vpn.disconnected()).isTrue();
        assertThat(vpn.processesEnded()).isEqualTo(1);
        assertThat(vpn.interfacesRemoved()).isEqualTo(1);
        assertThat(vpn.packetFilterTablesRemoved()).isEqualTo(1);
        Evidence configuration = component(Component.CONFIGURATION_UPDATE).evidence();
        assertThat(configuration.configSaved()).isTrue();
        assertThat(configuration.cacheSaved()).isTrue();
    }

    @Test
    void thePermitGoesBeforeAnythingElseAndRulesBeforeRoutesBeforeTheDaemon() {
        up();
        host.forgetActions();
        node.order().settle();

        List<String> order = host.actions().stream()
                .filter(action -> action.startsWith("file del /run/ur-vpn/" + UID + "/permit")
                        || action.startsWith("rule del")
                        || action.startsWith("route del")
                        || action.startsWith("disconnect")
                        || action.startsWith("signal")
                        || action.startsWith("table del"))
                .toList();
        assertThat(order)
                .containsExactly(
                        "file del /run/ur-vpn/" + UID + "/permit",
                        "rule del 20000 lookup 20000 proto 200",
                        "route del 20000 10.20.0.0/16 dev urv0 proto 200",
                        "disconnect urv0",
                        "signal 102 TERM",
                        "table del urvpn-0a1b2c3d");
    }

    @Test
    void aCleanNodeIsVerified() {
        up();
        node.order().settle();
        launcher.end(host);
        node.ask(1).pass();

        assertThat(verdict().clean()).isTrue();
        assertThat(verdict().failed()).isEmpty();
        assertThat(verdict().operationId()).isEqualTo(OPERATION);
        assertThat(verdict().attachmentUid()).isEqualTo(AgentOnNode.ATTACHMENT_UID);
        assertThat(verdict().generation())
                .isEqualTo(node.attachment.getMetadata().getGeneration());
        assertThat(verdict().attempt()).isEqualTo(1);
        assertThat(verdict().machineKey()).isEqualTo(node.status().machineKey());
        assertThat(verdict().bootId()).isEqualTo("boot-1");
        assertThat(verdict().report())
                .isEqualTo(new VerificationReport(
                        "office",
                        new VerificationReport.ThreadVerification(false, false, VerificationReport.NO_THREAD),
                        new VerificationReport.RoutingVerification(false, 0, VerificationReport.NO_ROUTING),
                        new VerificationReport.VpnVerification(false, 0, VerificationReport.NO_VPN),
                        new VerificationReport.ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION)));
        assertThat(host.lines("directory")).isEqualTo("directory /run/ur-vpn");
    }

    @Test
    void aDirectoryThatTheKubeletMadeAgainForAPodWithoutAPermitIsNothing() {
        up();
        node.order().settle();
        launcher.end(host);
        FakeLauncher.start(host, UID, "pod-2", "urv0", 200);
        node.ask(1).pass();

        assertThat(verdict().clean()).isTrue();
        assertThat(host.lines("directory")).isEqualTo("directory /run/ur-vpn");
    }

    @Test
    void aLauncherThatAskedAgainUntilItsPodEndedLeavesNothing() {
        up();
        node.order().settle();
        host.add("file /run/ur-vpn/" + UID + "/request \"pod-1\\n\"");
        host.add("file /run/ur-vpn/" + UID + "/.request.pod-1 \"pod\"");
        launcher.end(host);
        node.ask(1).pass();

        assertThat(verdict().clean()).isTrue();
        assertThat(host.lines("directory")).isEqualTo("directory /run/ur-vpn");
    }

    @Test
    void whatIsPutBackIsFoundAndTheRetryCleansIt() {
        up();
        node.order().settle();
        launcher.end(host);
        host.add("""
                rule 20000 from 10.1.0.0/16 lookup 20000 proto 200
                route 20000 10.88.0.0/16 dev urv00 proto 200
                process 300 sleep mark %s
                file /var/lib/ur-vpn/%s/left "x"
                table urvpn-0a1b2c3d""".formatted(UID, UID));
        node.ask(1).pass();

        assertThat(verdict().clean()).isFalse();
        assertThat(verdict().errorCode()).isEqualTo(ErrorCodes.LEFTOVER);
        assertThat(verdict().failed())
                .containsExactly(
                        Component.THREAD_TERMINATION,
                        Component.ROUTING_RULES_CLEAR,
                        Component.VPN_DISCONNECT,
                        Component.CONFIGURATION_UPDATE);
        VerificationReport report = verdict().report();
        assertThat(report.thread().details()).contains("process 300 (sleep)");
        assertThat(report.routing().ruleCount()).isEqualTo(2);
        assertThat(report.routing().details()).contains("from 10.1.0.0/16").contains("10.88.0.0/16");
        assertThat(report.vpn().details()).contains("urvpn-0a1b2c3d");
        assertThat(report.configuration().details()).contains("/var/lib/ur-vpn/" + UID + "/left");

        node.ask(2).pass();
        assertThat(verdict().clean()).isTrue();
        assertThat(verdict().attempt()).isEqualTo(2);
        assertThat(network()).isEqualTo(FOREIGN);
        assertThat(host.lines("process")).isEmpty();
        assertThat(component(Component.ROUTING_RULES_CLEAR).attempt()).isEqualTo(2);
    }

    @Test
    void aGenerationIsAnsweredOnceAndAgainAfterARestart() {
        up();
        node.order().settle();
        launcher.end(host);
        node.ask(1).pass();
        host.add("rule 20000 from 10.1.0.0/16 lookup 20000 proto 200");
        node.settle();
        assertThat(verdict().clean()).isTrue();

        // the steps run once more in this life too, and clean it
        host.forgetActions();
        node.restart().pass();
        assertThat(verdict().clean()).isTrue();
        assertThat(host.actions()).contains("rule del 20000 from 10.1.0.0/16 lookup 20000 proto 200");
        assertThat(verdict().agentStartedAt()).isEqualTo(node.clock.instant());
    }

    @Test
    void aProcessThatCannotBeReadIsNotGone() {
        up();
        node.order().settle();
        launcher.end(host);
        host.add("process 500 secret unreadable");
        node.ask(1).pass();

        assertThat(verdict().clean()).isFalse();
        assertThat(verdict().errorCode()).isEqualTo(ErrorCodes.UNREADABLE);
        assertThat(verdict().failed()).containsExactly(Component.THREAD_TERMINATION);
        assertThat(verdict().report().thread().exists()).isTrue();
        assertThat(verdict().report().thread().isRunning()).isFalse();
        assertThat(verdict().report().thread().details()).contains("EACCES");
    }

    @Test
    void aKernelThatCannotBeReadIsNotClean() {
        up();
        node.order().settle();
        launcher.end(host);
        host.refuse("rules list", HostException.Kind.DENIED);
        node.ask(1).pass();

        assertThat(verdict().errorCode()).isEqualTo(ErrorCodes.UNREADABLE);
        assertThat(verdict().failed()).containsExactly(Component.ROUTING_RULES_CLEAR);
        assertThat(verdict().report().routing().exists()).isTrue();
    }

    @Test
    void aPartThatIsNotToBeReadIsNotRead() {
        up();
        node.order(new VerifyPolicy(false, true, true, false)).settle();
        node.ask(1).pass();

        assertThat(verdict().clean()).isTrue();
        assertThat(verdict().report().thread().details()).isEqualTo(VerificationReport.NOT_READ);
        assertThat(verdict().report().thread().exists()).isTrue();
        assertThat(verdict().report().configuration().details()).isEqualTo(VerificationReport.NOT_READ);
        assertThat(verdict().report().routing().exists()).isFalse();
    }

    @Test
    void aFailedStepDoesNotStopTheLaterOnes() {
        up();
        Runnable lift = host.refuse("rule del", HostException.Kind.OTHER);
        node.order().settle();

        assertThat(component(Component.ROUTING_RULES_CLEAR).status()).isEqualTo(ComponentState.FAILED);
        assertThat(component(Component.ROUTING_RULES_CLEAR).error().code()).isEqualTo(ErrorCodes.KERNEL_REFUSED);
        assertThat(component(Component.VPN_DISCONNECT).status()).isEqualTo(ComponentState.COMPLETED);
        assertThat(component(Component.CONFIGURATION_UPDATE).status()).isEqualTo(ComponentState.COMPLETED);
        assertThat(host.lines("route")).isEqualTo("route 20000 10.77.0.0/16 dev urv00 proto 4");

        launcher.end(host);
        node.ask(1).pass();
        assertThat(verdict().clean()).isFalse();
        lift.run();
        node.ask(2).pass();
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void aStepThatHangsTimesOutAndIsShownAsItRuns() {
        up();
        CountDownLatch never = new CountDownLatch(1);
        host.before("tables list", () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new HostException(HostException.Kind.OTHER, "interrupted", e);
            }
        });
        Thread unblocks = Thread.ofVirtual().unstarted(never::countDown);
        node.order();
        node.said.clear();
        try {
            node.pass();
        } finally {
            unblocks.start();
        }

        assertThat(component(Component.VPN_DISCONNECT).error().code()).isEqualTo(ErrorCodes.TIMED_OUT);
        assertThat(component(Component.CONFIGURATION_UPDATE).status()).isEqualTo(ComponentState.COMPLETED);
        assertThat(node.said)
                .anySatisfy(status -> assertThat(status.detach().components())
                        .anySatisfy(shown -> assertThat(shown.status()).isEqualTo(ComponentState.IN_PROGRESS)));
    }

    @Test
    void initAndLauncherOfThePodAreLeftToTheKubelet() {
        host.add("file /run/ur-vpn/" + UID + "/request \"pod-1\\n\"");
        node.settle();
        host.add("""
                link 7 urv0 kind tun
                process 199 pause start 1 pod pod-1 container s sandbox
                process 200 tini start 2 pod pod-1 container c
                process 201 launcher start 3 parent 200 pod pod-1 container c
                process 202 wireguard-go start 4 parent 201 pod pod-1 container c tun urv0
                process 203 sh start 5 pod pod-1 container c
                process 300 wireguard-go start 4 pod pod-9 container d
                process 301 wireguard-go start 4
                """);
        node.settle();
        assertThat(host.lines("rule")).isNotEmpty();
        node.order().settle();

        assertThat(host.actions().stream().filter(action -> action.startsWith("signal")))
                .containsExactly("signal 202 TERM", "signal 203 TERM");
        assertThat(component(Component.THREAD_TERMINATION).evidence().threadId())
                .isEqualTo("pod-1/201");
        assertThat(host.lines("link")).isEmpty();
    }

    @Test
    void whatIsLeftOfAPodIsEndedByTheRetry() {
        up();
        node.order().settle();
        node.ask(1).pass();
        assertThat(verdict().failed()).containsExactly(Component.THREAD_TERMINATION);
        assertThat(verdict().report().thread().details()).contains("process 101 (launcher) of pod pod-1");

        node.ask(2).pass();
        assertThat(verdict().clean()).isTrue();
        assertThat(host.lines("process")).isEqualTo("process 100 pause pod pod-1 container sandbox-100 sandbox");
    }

    @Test
    void aDaemonThatHangsIsKilled() {
        up();
        host.remove("process 102 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " tun urv0");
        host.remove("process 103 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " tun urv0");
        host.add("process 104 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " tun urv0 stopped");
        node.order().settle();

        assertThat(host.actions()).contains("signal 104 TERM", "signal 104 KILL");
        assertThat(host.lines("process")).doesNotContain("wireguard-go");
        assertThat(component(Component.VPN_DISCONNECT).status()).isEqualTo(ComponentState.COMPLETED);
    }

    @Test
    void aDaemonThatCannotBeKilledFailsTheStep() {
        up();
        host.add("process 105 wireguard-go parent 101 pod pod-1 container c-100 mark " + UID + " unkillable");
        node.order().settle();

        assertThat(component(Component.VPN_DISCONNECT).error().code()).isEqualTo(ErrorCodes.PROCESS_SURVIVED);
        assertThat(component(Component.VPN_DISCONNECT).evidence().disconnected())
                .isFalse();
        assertThat(component(Component.CONFIGURATION_UPDATE).status()).isEqualTo(ComponentState.COMPLETED);
    }

    @Test
    void anAgentKilledInTheMiddleFinishesInItsNextLife() {
        up();
        Runnable lift = host.before("route del", () -> {
            throw new ThreadDeathInTest();
        });
        node.order().settle();
        lift.run();
        node.restart().settle();
        launcher.end(host);
        node.ask(1).pass();

        assertThat(verdict().clean()).isTrue();
        assertThat(node.status().detach().operationId()).isEqualTo(OPERATION);
        assertThat(network()).isEqualTo(FOREIGN);
    }

    private static final class ThreadDeathInTest extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void anAttachmentThatNeverGotAnythingIsDetachedToo() {
        host.add("link 9 urv0 kind tun up");
        node.settle();
        node.order().settle();
        node.ask(1).pass();

        assertThat(verdict().clean()).isTrue();
        assertThat(host.lines("link")).isEqualTo("link 9 urv0 kind tun up");
        assertThat(node.status().detach().components())
                .allSatisfy(status -> assertThat(status.status()).isEqualTo(ComponentState.COMPLETED));
    }

    @Test
    void aLostJournalIsMadeGoodFromTheApi() {
        up();
        host.files().delete(java.nio.file.Path.of("/var/lib/ur-vpn/registry/" + UID + ".json"));
        node.restart().order().settle();
        launcher.end(host);
        node.ask(1).pass();

        assertThat(network()).isEqualTo(FOREIGN);
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void afterARestartOfTheMachineTheOldIndexMeansNothing() {
        up();
        launcher.end(host);
        host.reboot("boot-2").add("link 2 eth0 up");
        node.restart().order().settle();
        node.ask(1).pass();

        assertThat(host.lines("link")).isEqualTo("link 2 eth0 up");
        assertThat(verdict().clean()).isTrue();
        assertThat(verdict().bootId()).isEqualTo("boot-2");
    }

    @Test
    void aKernelInterfaceIsRemovedByTheAgent() {
        host.add("file /run/ur-vpn/" + UID + "/request \"pod-1\\n\"");
        node.settle();
        host.add("link 5 urv0 kind wireguard alias urvpn:" + UID);
        node.settle();
        assertThat(host.lines("route")).contains("dev urv0");
        node.order().settle();

        assertThat(network()).isEmpty();
        assertThat(component(Component.VPN_DISCONNECT).evidence().interfacesRemoved())
                .isEqualTo(1);
    }

    private static final String FOREIGN_FLOW =
            "flow 9 original 10.8.0.9 10.20.0.1 4000:80 reply 10.20.0.1 10.8.0.9 80:4000";

    @Test
    void trackedConnectionsOfTheInstancesAddressesGoAndOthersStay() {
        up();
        host.add("flow 1 original 10.8.0.2 10.20.0.1 4000:80 reply 10.20.0.1 10.8.0.2 80:4000")
                .add("flow 2 proto 17 original 10.244.1.5 10.20.0.1 53:53 reply 10.20.0.1 10.8.0.2 53:53")
                .add("flow 3 original 10.20.0.7 10.8.0.2 4000:22 reply 10.8.0.2 10.20.0.7 22:4000")
                .add(FOREIGN_FLOW);
        host.before("flow del", () -> assertThat(host.lines("link")).doesNotContain("urv0 "));
        node.order().settle();

        assertThat(host.lines("flow")).isEqualTo(FOREIGN_FLOW);
        Evidence evidence = component(Component.VPN_DISCONNECT).evidence();
        assertThat(evidence.connectionsRemoved()).isEqualTo(3);
        assertThat(evidence.details()).contains("removed 3 tracked connections of 10.8.0.2");
    }

    @Test
    void aConnectionThatIsLeftFailsTheVerificationAndTheRetryRemovesIt() {
        up();
        node.order().settle();
        launcher.end(host);
        host.add("flow 1 original 10.8.0.2 10.20.0.1 4000:80 reply 10.20.0.1 10.8.0.2 80:4000");
        node.ask(1).pass();
        assertThat(verdict().failed()).containsExactly(Component.VPN_DISCONNECT);
        assertThat(verdict().report().vpn().details()).isEqualTo("1 tracked connection of 10.8.0.2");

        node.ask(2).pass();
        assertThat(verdict().clean()).isTrue();
        assertThat(host.lines("flow")).isEmpty();
    }

    /** Without the interface it is routed by the node as anything else is. */
    @Test
    void whatSomebodyElseSendsToAnAddressThatIsFreeAgainIsNoneOfOurs() {
        up();
        node.order().settle();
        launcher.end(host);
        host.add("flow 1 original 192.0.2.7 10.8.0.2 4000:80 reply 10.8.0.2 192.0.2.7 80:4000");
        node.ask(1).pass();
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void connectionsOfAnAddressThatAnotherInterfaceHasTooStay() {
        up();
        host.add("address urv00 10.8.0.2/24");
        String flow = "flow 1 original 10.8.0.2 10.20.0.1 4000:80 reply 10.20.0.1 10.8.0.2 80:4000";
        host.add(flow);
        node.order().settle();
        launcher.end(host);
        node.ask(1).pass();

        assertThat(host.lines("flow")).isEqualTo(flow);
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void connectionsThatTheKernelShowsToNobodyAreSaidAndFailNothing() {
        up();
        host.refuse("flows list", HostException.Kind.UNSUPPORTED);
        node.order().settle();
        launcher.end(host);
        node.ask(1).pass();

        assertThat(component(Component.VPN_DISCONNECT).status()).isEqualTo(ComponentState.COMPLETED);
        assertThat(component(Component.VPN_DISCONNECT).evidence().details())
                .anyMatch(line -> line.startsWith("tracked connections were not removed"));
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void connectionsThatCannotBeReadAreNotGone() {
        up();
        node.order().settle();
        launcher.end(host);
        host.refuse("flows list", HostException.Kind.DENIED);
        node.ask(1).pass();

        assertThat(verdict().errorCode()).isEqualTo(ErrorCodes.UNREADABLE);
        assertThat(verdict().failed()).containsExactly(Component.VPN_DISCONNECT);
    }

    private static final String FOREIGN_XFRM = """
            policy fwd 10.1.0.0/16 10.3.0.0/16 priority 5 block
            policy out 10.1.0.0/16 10.2.0.0/16 priority 5 reqid 7 192.0.2.1 192.0.2.2
            policy out 10.1.0.0/16 10.4.0.0/16 priority 5 if-id 20001 reqid 20001000 192.0.2.1 192.0.2.2
            state 192.0.2.1 192.0.2.2 spi 0x100 reqid 7
            state 192.0.2.1 192.0.2.2 spi 0x101 reqid 20001000 if-id 20001""";

    @Test
    void policiesAndStatesOfTheInstanceGoAndOthersStay() {
        up();
        host.add(FOREIGN_XFRM)
                .add("policy in 10.1.0.0/16 10.5.0.0/16 priority 5 reqid 20000000 192.0.2.1 192.0.2.2")
                .add("policy out 10.1.0.0/16 10.5.0.0/16 priority 5 if-id 20000 reqid 20000999 192.0.2.1 192.0.2.2")
                .add("policy out 10.1.0.0/16 10.6.0.0/16 priority 5 block if-id 20000")
                .add("state 192.0.2.1 192.0.2.2 spi 0x200 reqid 20000001 if-id 20000")
                .add("state 192.0.2.2 192.0.2.1 spi 0x201 reqid 20000001");
        host.before("state del", () -> assertThat(host.lines("policy")).doesNotContain("20000"));
        host.before("policy del", () -> assertThat(host.lines("process")).doesNotContain("wireguard-go"));
        node.order().settle();

        assertThat(host.lines("policy", "state")).isEqualTo(FOREIGN_XFRM);
        assertThat(component(Component.VPN_DISCONNECT).evidence().xfrmRemoved()).isEqualTo(5);
        launcher.end(host);
        node.ask(1).pass();
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void aStateThatOnlyHoldsAPlaceIsWaitedFor() {
        up();
        String placeholder = "state 192.0.2.1 192.0.2.2 reqid 20000001";
        host.add(placeholder).add("state 192.0.2.1 192.0.2.3 reqid 7");
        node.order().settle();
        launcher.end(host);
        assertThat(component(Component.VPN_DISCONNECT).status()).isEqualTo(ComponentState.COMPLETED);
        node.ask(1).pass();
        assertThat(verdict().failed()).containsExactly(Component.VPN_DISCONNECT);
        assertThat(verdict().report().vpn().details())
                .isEqualTo("XFRM state 192.0.2.1 to 192.0.2.2 SPI 0x0 reqid 20000001");

        host.remove(placeholder);
        node.ask(2).pass();
        assertThat(verdict().clean()).isTrue();
    }

    @Test
    void aPolicyThatCannotBeRemovedFailsTheStepAndTheStatesGoAllTheSame() {
        up();
        host.add("policy out 10.1.0.0/16 10.5.0.0/16 priority 5 reqid 20000000 192.0.2.1 192.0.2.2")
                .add("state 192.0.2.1 192.0.2.2 spi 0x200 reqid 20000000");
        host.refuse("policy del", HostException.Kind.OTHER);
        node.order().settle();

        assertThat(component(Component.VPN_DISCONNECT).error().message())
                .startsWith("XFRM policy out 10.1.0.0/16 to 10.5.0.0/16 reqid 20000000");
        assertThat(host.lines("state")).isEmpty();
    }
}
