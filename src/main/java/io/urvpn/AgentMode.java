package io.urvpn;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.agent.Agent;
import io.urvpn.agent.AgentSettings;
import io.urvpn.config.CleanupConfigFile;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import io.urvpn.host.Host;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

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
    static Mode of(UrVpnConfig config, CleanupConfigFile file, KubernetesClient client, String version, Host host) {
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
        return new AgentMode(new Agent(client, host, settings, Clock.systemUTC()));
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
