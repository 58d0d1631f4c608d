package io.urvpn.unit.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.PlanAsk;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanItem;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.HostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What people ask of an agent beside the usual, and a disk that does not take its journal. */
class PeopleAndFaultsTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final String JOURNAL = "file write /var/lib/ur-vpn/registry";

    private final FakeHost host = FakeHost.of("machine boot boot-1 tun nftables");
    private final AgentOnNode node = new AgentOnNode(host);
    private FakeLauncher launcher;

    private void up() {
        node.edit(spec -> spec.masquerade(true));
        launcher = FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();
        host.add("peer urv0 KEY= handshake 2026-11-01T12:00:00Z keepalive 25");
        node.settle();
    }

    private ComponentState state(Component component) {
        return node.status().detach().components().stream()
                .filter(status -> status.component() == component)
                .map(ComponentStatus::status)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aDryRunListsWhatWouldGoInTheOrderOfTheStepsAndTouchesNothing() {
        up();
        String before = host.toString();
        host.forgetActions();
        node.edit(spec -> spec.plan(new PlanAsk("plan-1", NOW))).pass();

        assertThat(node.status().plan().id()).isEqualTo("plan-1");
        assertThat(node.status().plan().items())
                .extracting(PlanItem::kind)
                .containsSubsequence(
                        StateKind.RULE,
                        StateKind.ROUTE,
                        StateKind.PROCESS,
                        StateKind.INTERFACE,
                        StateKind.PACKET_FILTER_TABLE,
                        StateKind.FILE,
                        StateKind.REGISTRY_ENTRY);
        assertThat(node.status().plan().total())
                .isEqualTo(node.status().plan().items().size());
        assertThat(host.lines("link", "address", "route", "rule", "table", "process"))
                .isEqualTo(before.lines()
                        .filter(line -> line.matches("(link|address|route|rule|table|process) .*"))
                        .collect(Collectors.joining("\n")));
        assertThat(host.actions()).noneMatch(action -> action.matches("(rule|route|link|address|table|signal).*"));
        assertThat(node.ready().getStatus()).isEqualTo("True");
        assertThat(node.status().repairs()).isNull();
    }

    @Test
    void aDryRunIsAnsweredOnce() {
        up();
        node.edit(spec -> spec.plan(new PlanAsk("plan-1", NOW))).pass();
        Instant read = node.status().plan().readAt();
        node.clock.advance(Duration.ofSeconds(5));
        node.settle();
        assertThat(node.status().plan().readAt()).isEqualTo(read);
        node.edit(spec -> spec.plan(new PlanAsk("plan-2", NOW))).pass();
        assertThat(node.status().plan().id()).isEqualTo("plan-2");
    }

    @Test
    void whatAPersonSkipsIsNotRunAndNotRead() {
        up();
        node.order().edit(spec -> spec.skip(List.of(Component.VPN_DISCONNECT))).settle();

        assertThat(state(Component.VPN_DISCONNECT)).isEqualTo(ComponentState.SKIPPED);
        assertThat(state(Component.ROUTING_RULES_CLEAR)).isEqualTo(ComponentState.COMPLETED);
        assertThat(host.lines("link")).contains("urv0");
        node.ask(1).pass();
        VerificationReport report = node.status().verdict().report();
        assertThat(report.vpn().details()).isEqualTo(VerificationReport.NOT_READ);
        assertThat(report.vpn().exists()).isTrue();
        assertThat(node.status().verdict().failed()).doesNotContain(Component.VPN_DISCONNECT);
    }

    @Test
    void anotherMachinesAttachmentIsLeftAlone() {
        node.edit(spec -> spec.machineKey("of-another"));
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        String before = host.toString();
        node.settle();
        assertThat(host.toString()).isEqualTo(before);
        assertThat(node.said).isEmpty();
    }

    @Test
    void nothingIsDoneThatTheJournalCannotHold() {
        Runnable full = host.refuse(JOURNAL, HostException.Kind.OTHER);
        FakeLauncher.start(host, UID, "pod-1", "urv0", 100);
        node.settle();

        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).isEmpty();
        assertThat(host.lines("link", "rule", "route")).isEmpty();
        assertThat(node.ready().getReason()).isEqualTo(Reasons.JOURNAL_UNWRITABLE);
        assertThat(node.ready().getMessage()).contains("registry");
        full.run();
        node.settle();
        assertThat(host.files().text("/run/ur-vpn/" + UID + "/permit")).hasValue("pod-1\n");
        assertThat(host.lines("rule")).isNotEmpty();
    }

    @Test
    void noStepRunsThatTheJournalCannotHold() {
        up();
        Runnable full = host.refuse(JOURNAL, HostException.Kind.OTHER);
        String before = host.lines("link", "address", "route", "rule", "table");
        node.order().settle();
        assertThat(host.lines("link", "address", "route", "rule", "table")).isEqualTo(before);
        assertThat(node.ready().getReason()).isEqualTo(Reasons.JOURNAL_UNWRITABLE);
        full.run();
        node.settle();
        launcher.end(host);
        node.ask(1).pass();
        assertThat(node.status().verdict().clean()).isTrue();
    }
}
