package io.urvpn;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.config.CleanupConfigFile;
import io.urvpn.config.Settings;
import io.urvpn.config.UrVpnConfig;
import io.urvpn.notify.CallRule;
import io.urvpn.notify.MqttSettings;
import io.urvpn.notify.RpcSettings;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.notify.metrics.OperatorMetrics;
import io.urvpn.operator.OperatorSettings;
import io.urvpn.operator.OperatorSettings.LeaderElection;
import io.urvpn.operator.VpnOperator;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** The operator of the cluster. */
final class OperatorMode implements Mode {
    private static final Logger LOG = Logger.getLogger(OperatorMode.class);
    private static final int CONCURRENCY = 8;
    private static final int LEADERSHIP_LOST = 3;

    private final VpnOperator operator;

    private OperatorMode(VpnOperator operator) {
        this.operator = operator;
    }

    /**
     * Makes the operator; it does nothing before it is started.
     *
     * @throws IllegalArgumentException where the runtime image is not set
     */
    static Mode of(UrVpnConfig config, CleanupConfigFile file, KubernetesClient client, Measurements measurements) {
        OperatorSettings settings = new OperatorSettings(
                config.namespace(),
                Settings.required(config.runtimeImage(), "runtime-image"),
                config.imagePullSecrets().orElse(List.of()),
                config.runtimePriorityClass(),
                config.runtimeDirectory().toString(),
                Settings.cleanup(config, file),
                file.enableAutoCleanup().orElse(config.enableAutoCleanup()),
                Duration.ofSeconds(config.joinGraceSeconds()),
                Settings.rollRuntimeImage(config),
                CONCURRENCY,
                leaderElection(config.leaderElection()),
                mqtt(config.mqtt()));
        return new OperatorMode(new VpnOperator(
                client, settings, Clock.systemUTC(), OperatorMode::halt, new OperatorMetrics(measurements)));
    }

    private static Optional<MqttSettings> mqtt(UrVpnConfig.Mqtt config) {
        return config.host()
                .map(host -> new MqttSettings(
                        host,
                        config.port(),
                        config.tls(),
                        config.credentialsDirectory(),
                        config.clientId(),
                        config.topic(),
                        Duration.ofSeconds(config.keepAliveSeconds()),
                        Duration.ofSeconds(config.keepUndeliveredSeconds()),
                        Optional.of(config.rpc())
                                .filter(UrVpnConfig.Rpc::enabled)
                                .map(OperatorMode::rpc)));
    }

    private static RpcSettings rpc(UrVpnConfig.Rpc config) {
        return new RpcSettings(
                config.requestTopic(),
                config.responsePrefix(),
                config.maxRequestBytes(),
                config.requestsPerSecond(),
                CallRule.of(
                        "urvpn.mqtt.rpc.delete.selector",
                        config.delete().instances().orElse(List.of()),
                        config.delete().selector().orElse("")),
                CallRule.of(
                        "urvpn.mqtt.rpc.get-cleanup-status",
                        config.getCleanupStatus().instances().orElse(List.of()),
                        ""),
                config.getCronJobStatus());
    }

    private static Optional<LeaderElection> leaderElection(UrVpnConfig.LeaderElection config) {
        // the pod's name; a process outside of a cluster is known by a name of its own
        String identity = Optional.ofNullable(System.getenv("HOSTNAME"))
                .orElseGet(() -> UUID.randomUUID().toString());
        return Optional.of(new LeaderElection(
                        config.leaseName(),
                        identity,
                        Duration.ofSeconds(config.leaseDurationSeconds()),
                        Duration.ofSeconds(config.renewDeadlineSeconds()),
                        Duration.ofSeconds(config.retryPeriodSeconds())))
                .filter(election -> config.enabled());
    }

    /** Another operator may act from this moment on, so nothing here may end gracefully. */
    private static void halt() {
        LOG.error("the leadership is lost; ending at once");
        Runtime.getRuntime().halt(LEADERSHIP_LOST);
    }

    @Override
    public void start() {
        operator.start();
    }

    @Override
    public boolean live() {
        return operator.live();
    }

    @Override
    public List<String> notReady() {
        return operator.notReady();
    }

    @Override
    public void close() {
        operator.close();
    }
}
