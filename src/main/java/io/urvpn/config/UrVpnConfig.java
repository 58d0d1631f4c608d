package io.urvpn.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Settings under {@code urvpn}, from {@code config.yaml} or the environment ({@code URVPN_NAMESPACE} ...). A value of the
 * wrong type stops the start with a message that names its key; ranges are checked by {@link Settings}.
 */
@ConfigMapping(prefix = "urvpn")
public interface UrVpnConfig {

    /** Namespace of the operator, its Secrets and the VPNs' pods. */
    @WithDefault("ur-vpn-system")
    String namespace();

    /** Name of the agent's Node; needed in mode agent. */
    Optional<String> nodeName();

    /** Image of the VPNs' pods; needed in mode operator. */
    Optional<String> runtimeImage();

    /** Secrets by which the runtime image is pulled. */
    Optional<List<String>> imagePullSecrets();

    /** Priority class of the VPNs' pods; none where it is not set. */
    Optional<String> runtimePriorityClass();

    /** Protocol number that marks our routes and rules (rtm_protocol, FRA_PROTOCOL). */
    @WithDefault("200")
    int routeProtocol();

    /** Routing tables that the agent may take. */
    Tables tables();

    /** Where the agent keeps its registry and the machine key. */
    @WithDefault("/var/lib/ur-vpn")
    Path stateDirectory();

    /** Where launchers and agent meet; empty after a boot. */
    @WithDefault("/run/ur-vpn")
    Path runtimeDirectory();

    /** Defaults of {@code spec.cleanup}. */
    Cleanup cleanup();

    /** Seconds from one sweep of a node to the next: the search for state that nothing explains. */
    @WithDefault("30")
    int cleanupIntervalSeconds();

    /** Clean what the sweep finds of an instance that is gone; otherwise it is reported only. */
    @WithDefault("true")
    boolean enableAutoCleanup();

    /** Seconds for which a node that joined does not count in an instance's readiness. */
    @WithDefault("120")
    int joinGraceSeconds();

    /** The settings file of ur-vpn-manager; what it names goes before the settings here. */
    Optional<Path> cleanupConfigFile();

    /** Of mode uninstall. */
    Uninstall uninstall();

    /** OnRequest or Rolling: when running tunnels get a new runtime image. */
    @WithDefault("OnRequest")
    String runtimeUpgradePolicy();

    /** Leader election of the operator. */
    LeaderElection leaderElection();

    /** Where the agent answers Prometheus. The operator does so beside its probes. */
    Metrics metrics();

    /** An address of its own, so that the probes stay on the loopback. */
    interface Metrics {
        /** An address of the node; without it the agent keeps no metrics. */
        Optional<String> host();

        @WithDefault("9782")
        int port();
    }

    /** Messages over MQTT. */
    Mqtt mqtt();

    /** Messages over MQTT; none without a host. Credentials are files, never settings. */
    interface Mqtt {
        /** Name or address of the broker. */
        Optional<String> host();

        @WithDefault("8883")
        int port();

        @WithDefault("true")
        boolean tls();

        /** Where the Secret with the credentials is mounted. */
        Optional<Path> credentialsDirectory();

        /** MQTT client identifier; by default the broker chooses one. */
        Optional<String> clientId();

        @WithDefault("ur-vpn/{instance}/cleanup")
        String topic();

        @WithDefault("30")
        int keepAliveSeconds();

        @WithDefault("604800")
        int keepUndeliveredSeconds();

        /** Calls. */
        Rpc rpc();
    }

    /** Calls over MQTT: off, and when on, each is allowed by itself. */
    interface Rpc {
        @WithDefault("false")
        boolean enabled();

        @WithDefault("ur-vpn/rpc/request")
        String requestTopic();

        @WithDefault("ur-vpn/rpc/response/")
        String responsePrefix();

        @WithDefault("4096")
        int maxRequestBytes();

        @WithDefault("5")
        int requestsPerSecond();

        Rule delete();

        Rule getCleanupStatus();

        @WithDefault("false")
        boolean getCronJobStatus();
    }

    /** Instances that a call may be about. */
    interface Rule {
        /** Names, or * for each. */
        Optional<List<String>> instances();

        /** Labels of the instance, {@code key=value}, joined by commas. */
        Optional<String> selector();
    }

    /** A range of routing tables; both ends belong to it. */
    interface Tables {
        @WithDefault("20000")
        int first();

        @WithDefault("29999")
        int last();
    }

    /** Deleting every instance before the chart goes. */
    interface Uninstall {
        /** Seconds after which what is still open is named and the mode ends. */
        @WithDefault("300")
        int timeoutSeconds();
    }

    /** Defaults of {@code spec.cleanup}, field by field. */
    interface Cleanup {
        @WithDefault("5")
        int verificationDelaySeconds();

        @WithDefault("3")
        int maxRetryAttempts();

        @WithDefault("10")
        int retryBackoffSeconds();

        @WithDefault("60")
        int timeoutSeconds();

        @WithDefault("5")
        int disconnectTimeoutSeconds();

        @WithDefault("300")
        int blockedRetrySeconds();

        @WithDefault("5m")
        String nodeLostAfter();

        @WithDefault("Never")
        String releaseWhen();

        @WithDefault("604800")
        int ttlSecondsAfterFinished();

        Verify verify();
    }

    /** Defaults of {@code spec.cleanup.verify}. */
    interface Verify {
        @WithDefault("true")
        boolean threadProcesses();

        @WithDefault("true")
        boolean routingTable();

        @WithDefault("true")
        boolean vpnInterfaces();

        @WithDefault("true")
        boolean configurationFiles();
    }

    /** Leader election by a Lease in the operator's namespace. */
    interface LeaderElection {
        @WithDefault("true")
        boolean enabled();

        @WithDefault("ur-vpn-operator")
        String leaseName();

        @WithDefault("15")
        int leaseDurationSeconds();

        @WithDefault("10")
        int renewDeadlineSeconds();

        @WithDefault("2")
        int retryPeriodSeconds();
    }
}
