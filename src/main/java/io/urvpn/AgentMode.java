package io.urvpn;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.agent.Agent;
import io.urvpn.agent.AgentSettings;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.config.CleanupConfigFile;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import io.urvpn.host.Host;
import io.urvpn.notify.metrics.AgentMetrics;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.notify.metrics.NodeView;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The agent of one node. */
final class AgentMode implements Mode {
    private final Agent agent;

    private AgentMode(Agent agent) {
        this.agent = agent;
    }

    /**
     * Makes the agent; it does nothing before it is started.
     *
     * @throws IllegalArgumentException where the node's name is not set
     */
    static Mode of(
            UrVpnConfig config,
            CleanupConfigFile file,
            KubernetesClient client,
            String version,
            Host host,
            Optional<Measurements> measurements) {
        AgentSettings settings = new AgentSettings(
                Settings.required(config.nodeName(), "node-name"),
                version,
                config.stateDirectory(),
                config.runtimeDirectory(),
                config.routeProtocol(),
                config.tables().first(),
                config.tables().last(),
                Duration.ofSeconds(file.intervalSeconds().orElse(config.cleanupIntervalSeconds())),
                AgentSettings.Timing.DEFAULT);
        Optional<AgentMetrics> metrics = measurements.map(AgentMetrics::new);
        Agent agent = new Agent(
                client,
                host,
                settings,
                Clock.systemUTC(),
                (took, seen) -> metrics.ifPresent(told -> told.swept(took, seen)));
        metrics.ifPresent(told -> told.of(view(agent)));
        return new AgentMode(agent);
    }

    private static NodeView view(Agent agent) {
        return new NodeView() {
            @Override
            public void attachments(BiConsumer<VpnAttachment, VpnAttachmentStatus> each) {
                agent.attachments(each);
            }

            @Override
            public Optional<Sweep> sweep() {
                return agent.lastSweep();
            }
        };
    }

    @Override
    public void start() {
        agent.start();
    }

    @Override
    public boolean live() {
        return agent.live();
    }

    @Override
    public List<String> notReady() {
        return agent.ready() ? List.of() : List.of("the lock, the attachments or the VpnNode are not there yet");
    }

    @Override
    public void close() {
        agent.close();
    }
}
