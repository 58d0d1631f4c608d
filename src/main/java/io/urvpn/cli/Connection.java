package io.urvpn.cli;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.File;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that each command has: which API server, and as whom. */
final class Connection {
    private static final int REQUEST_MILLIS = 10_000;

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

    /** A client in the name of the user; the caller closes it. */
    KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(config())
                        .withRequestRetryBackoffLimit(2)
                        .withRequestTimeout(REQUEST_MILLIS)
                        .build())
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
    }

    private Config config() {
        if (kubeconfig != null && !kubeconfig.canRead()) {
            throw new Unusable("--kubeconfig " + kubeconfig + " is not a file that can be read");
        }
        Config config = kubeconfig == null ? Config.autoConfigure(context) : Config.fromKubeconfig(context, kubeconfig);
        List<String> contexts = config.getContexts() == null
                ? List.of()
                : config.getContexts().stream().map(NamedContext::getName).toList();
        if (context != null && !contexts.contains(context)) {
            throw new Unusable("--context is '" + context + "'; the kubeconfig has " + String.join(", ", contexts));
        }
        return config;
    }
}
