package io.urvpn;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import io.urvpn.host.Host;
import io.urvpn.host.linux.LinuxHost;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Runs one of the two modes, which the first argument names, until the process is asked to end. */
@QuarkusMain
public class Main implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(Main.class);
    private static final int MISUSE = 2;

    private final UrVpnConfig config;
    private final RunningMode running;

    private final String version;

    Main(
            UrVpnConfig config,
            RunningMode running,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.config = config;
        this.running = running;
        this.version = version;
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
        Optional<KillPoints> killPoints = KillPoints.of(System.getenv());
        try (KubernetesClient client = ApiServerClient.of(Config.autoConfigure(null), killPoints)) {
            switch (name) {
                case "operator" -> serve(OperatorMode.of(config, client));
                case "agent" -> serve(AgentMode.of(config, client, version, host(killPoints)));
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

    private static Host host(Optional<KillPoints> killPoints) {
        Host host = new LinuxHost();
        return killPoints.map(points -> points.counting(host)).orElse(host);
    }

    private void serve(Mode mode) {
        try (mode) {
            running.is(mode);
            mode.start();
            Quarkus.waitForExit();
        }
    }
}
