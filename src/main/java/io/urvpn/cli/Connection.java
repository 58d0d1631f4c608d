package io.urvpn.cli;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.File;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that each command has: which API server, and as whom. */
final class Connection {
    private static final int REQUEST_MILLIS = 10_000;

    /** Names a key store that is empty, for which fabric8 leaves out the JVM's. */
    private static final String NO_AUTHORITIES = "urvpn.authorities.none";

    @Option(
            names = "--kubeconfig",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "The kubeconfig. Default: as kubectl finds it.")
    private File kubeconfig;

    @Option(
            names = "--context",
            scope = ScopeType.INHERIT,
            paramLabel = "NAME",
            description = "A context of the kubeconfig. Default: the current one.")
    private String context;

    /**
     * As it is said in those words.
     *
     * @param kubeconfig a file; null for the default
     * @param context its name; null for the current one
     */
    static Connection of(String kubeconfig, String context) {
        Connection connection = new Connection();
        connection.kubeconfig = kubeconfig == null ? null : new File(kubeconfig);
        connection.context = context;
        return connection;
    }

    /** A client in the name of the user; the caller closes it. */
    KubernetesClient client() {
        return client(REQUEST_MILLIS);
    }

    /** The same, of less patience. */
    KubernetesClient client(int requestMillis) {
        Config config = config(context);
        List<String> contexts = contexts(config);
        if (context != null && !contexts.contains(context)) {
            throw new Unusable("--context is '" + context + "'; the kubeconfig has " + String.join(", ", contexts));
        }
        return new KubernetesClientBuilder()
                .withHttpClientFactory(new VertxHttpClientFactory(EventLoop.started()))
                .withConfig(onlyItsAuthority(new ConfigBuilder(config)
                        .withRequestRetryBackoffLimit(2)
                        .withRequestTimeout(requestMillis)
                        .build()))
                .withKubernetesSerialization(HeadStart.serialization())
                .build();
    }

    /**
     * An API server is trusted by the authority that the kubeconfig names, where it names one, and by no other, as kubectl does;
     * fabric8 adds those of the JVM.
     */
    static Config onlyItsAuthority(Config config) {
        if ((config.getCaCertData() != null || config.getCaCertFile() != null) && config.getTrustStoreFile() == null) {
            config.setTrustStoreFile(System.getProperty(NO_AUTHORITIES));
        }
        return config;
    }

    /** Names of the contexts of the kubeconfig. */
    List<String> contexts() {
        return contexts(config(null));
    }

    private static List<String> contexts(Config config) {
        return config.getContexts() == null
                ? List.of()
                : config.getContexts().stream().map(NamedContext::getName).toList();
    }

    private Config config(String of) {
        if (kubeconfig != null && !kubeconfig.canRead()) {
            throw new Unusable("--kubeconfig " + kubeconfig + " is not a file that can be read");
        }
        return kubeconfig == null ? Config.autoConfigure(of) : Config.fromKubeconfig(of, kubeconfig);
    }
}
