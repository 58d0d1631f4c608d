package io.urvpn;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.urvpn.config.CleanupConfigFile;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import io.urvpn.host.Host;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.notify.metrics.ApiRequestCounter;
import io.urvpn.notify.metrics.Measurements;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.logmanager.Level;

/** Runs one of the modes, which the first argument names, until the process is asked to end. */
@QuarkusMain
public class Main implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(Main.class);
    private static final int MISUSE = 2;
    private static final int STILL_OPEN = 1;
    /** The pod of `helm test` is ended after three minutes. */
    private static final Duration CHECK_FOR_AT_MOST = Duration.ofMinutes(2);

    private final UrVpnConfig config;
    private final RunningMode running;
    private final MetricsEndpoint endpoint;

    private final String version;

    Main(
            UrVpnConfig config,
            RunningMode running,
            MetricsEndpoint endpoint,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.config = config;
        this.running = running;
        this.endpoint = endpoint;
        this.version = version;
    }

    @Override
    public int run(String... arguments) {
        String name = arguments.length == 1 ? arguments[0] : "";
        CleanupConfigFile file;
        try {
            Settings.check(config);
            file = Settings.file(config);
            Settings.cleanup(config, file);
        } catch (IllegalArgumentException e) {
            LOG.error(e.getMessage());
            return MISUSE;
        }
        file.logLevel()
                .ifPresent(level -> LogManager.getLogManager().getLogger("").setLevel(Level.parse(level)));
        Optional<KillPoints> killPoints = KillPoints.of(System.getenv());
        Optional<Measurements> measurements = measurements(name);
        try (KubernetesClient client =
                ApiServerClient.of(Config.autoConfigure(null), interceptors(killPoints, measurements))) {
            switch (name) {
                case "operator" -> serve(OperatorMode.of(config, file, client, measurements.orElseThrow()));
                case "agent" -> serve(AgentMode.of(config, file, client, version, host(killPoints), measurements));
                case "uninstall" -> {
                    return uninstall(client);
                }
                case "check" -> {
                    return check(client);
                }
                default -> {
                    LOG.errorf("the mode is '%s'; it must be one argument: operator, agent, uninstall or check", name);
                    return MISUSE;
                }
            }
        } catch (IllegalArgumentException e) {
            LOG.error(e.getMessage());
            return MISUSE;
        }
        return 0;
    }

    private int uninstall(KubernetesClient client) {
        int seconds = config.uninstall().timeoutSeconds();
        try {
            List<String> open = new UninstallMode(client, Duration.ofSeconds(seconds), Clock.systemUTC()).run();
            if (open.isEmpty()) {
                LOG.info("every VpnInstance is gone, and each of its nodes was verified or ended on record");
                return 0;
            }
            LOG.errorf(
                    "after %d s these are still open: %s; see kubectl get vpncleanups; run the uninstall again to go on",
                    seconds, UninstallMode.first(open));
            return STILL_OPEN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return STILL_OPEN;
        }
    }

    /** Those of the operator, and of an agent that was given an address for them; told from now on. */
    private Optional<Measurements> measurements(String mode) {
        switch (mode) {
            case "operator" -> {
                Measurements measurements = new Measurements();
                endpoint.besideProbes(measurements);
                return Optional.of(measurements);
            }
            case "agent" -> {
                return config.metrics().host().map(host -> {
                    Measurements measurements = new Measurements();
                    endpoint.at(host, config.metrics().port(), measurements);
                    return measurements;
                });
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    private static List<Interceptor> interceptors(
            Optional<KillPoints> killPoints, Optional<Measurements> measurements) {
        return Stream.<Optional<? extends Interceptor>>of(killPoints, measurements.map(ApiRequestCounter::new))
                .<Interceptor>flatMap(Optional::stream)
                .toList();
    }

    private int check(KubernetesClient client) {
        try {
            List<String> wrong =
                    new CheckMode(client, config.namespace(), version, Clock.systemUTC()).run(CHECK_FOR_AT_MOST);
            wrong.forEach(LOG::error);
            if (wrong.isEmpty()) {
                LOG.info("each node has its agent, and the API server refuses what it must");
            }
            return wrong.isEmpty() ? 0 : STILL_OPEN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return STILL_OPEN;
        }
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
