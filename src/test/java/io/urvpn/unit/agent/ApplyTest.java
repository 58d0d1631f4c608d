package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.agent.AgentSettings;
import io.urvpn.agent.ApiReach;
import io.urvpn.agent.Apply;
import io.urvpn.agent.DesiredNodeState;
import io.urvpn.agent.Difference;
import io.urvpn.agent.Marks;
import io.urvpn.agent.Observer;
import io.urvpn.agent.TunnelView.Negotiated;
import io.urvpn.fake.FakeHost;
import io.urvpn.host.Link;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ApplyTest {
    private static final String LINK = "link 5 urv0 kind tun up mtu 1420 alias urvpn:" + AgentOnNode.UID;

    private final FakeHost host = FakeHost.of(LINK);

    @Test
    void anAgentThatIsEndedWhileItLooksForTheApiServerTakesBackWhatItAdded() {
        String before = host.lines("link", "address", "route", "rule");
        host.machine().reaches(address -> {
            boolean cut = !host.lines("rule").isEmpty();
            if (cut) {
                Thread.currentThread().interrupt();
            }
            return !cut;
        });
        ApiReach reach = new ApiReach(
                host.machine(),
                () -> new InetSocketAddress("192.0.2.10", 6443),
                AgentSettings.Timing.DEFAULT,
                () -> {});
        Marks marks = new Marks(AgentOnNode.UID, "urv0", 200, 20000, 5, Set.of());
        Link link = host.links().named("urv0").orElseThrow();
        DesiredNodeState desired = DesiredNodeState.of(
                new AgentOnNode(host).attachment.getSpec(), marks, new Negotiated(List.of(), 1420), List.of());
        Difference difference = Difference.between(desired, new Observer(host).look(marks), link, marks, List.of());

        assertThatThrownBy(() -> new Apply(host, reach).apply(difference, desired, link))
                .isInstanceOf(InterruptedException.class);

        assertThat(host.actions()).anyMatch(action -> action.startsWith("rule add"));
        assertThat(host.lines("link", "address", "route", "rule")).isEqualTo(before);
    }
}
