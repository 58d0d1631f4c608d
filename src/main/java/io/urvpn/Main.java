package io.urvpn;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import org.jboss.logging.Logger;

/** Runs one of the two modes, which the first argument names, until the process is asked to end. */
@QuarkusMain
public class Main implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(Main.class);
    private static final int MISUSE = 2;

    private final UrVpnConfig config;
    private final RunningMode running;

    Main(UrVpnConfig config, RunningMode running) {
        this.config = config;
        this.running = running;
    }

    @Override
    public int run(String... arguments) {
        String name = arguments.length == 1 ? arguments[0] : "";
        try {
            Settings.check(config);
            Settings.cleanup(config);
        } catch (IllegalArgumentException e) {
            LOG.error(e.getMessage());
            return MISUSE;
        }
        try (KubernetesClient client = client()) {
            switch (name) {
                case "operator" -> serve(OperatorMode.of(config, client));
                case "agent" -> serve(AgentMode.of(config, client));
                default -> {
                    LOG.errorf("the mode is '%s'; it must be one argument, operator or agent", name);
                    return MISUSE;
                }
            }
        } catch (IllegalArgumentException e) {
            LOG.error(e.getMessage());
            return MISUSE;
        }
        return 0;
    }

    private void serve(Mode mode) {
        try (mode) {
            running.is(mode);
            mode.start();
            Quarkus.waitForExit();
        }
    }

    /**
     * The client repeats what was answered 429 or 5xx, and by default up to ten times in one call, which holds a
     * reconciler for minutes; what fails here comes again by the next reconciliation.
     */
    private static KubernetesClient client() {
        Config settings = new ConfigBuilder(Config.autoConfigure(null))
                .withRequestRetryBackoffLimit(2)
                .withRequestRetryBackoffInterval(200)
                .withRequestTimeout(15_000)
                .withConnectionTimeout(5_000)
                .withUserAgent("ur-vpn")
                .build();
        return new KubernetesClientBuilder()
                .withConfig(settings)
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
    }
}
