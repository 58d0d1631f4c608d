package io.urvpn.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.urvpn.api.v1alpha1.Serialization;

/** The operator's way to the API server. */
public final class OperatorClient {
    /** By default a request that meets 429 or 5xx is repeated ten times inside the call, while the pass stands still. */
    private static final int REPEATS = 2;

    private static final int INTERVAL_MILLIS = 200;
    private static final int REQUEST_TIMEOUT_MILLIS = 10_000;

    private OperatorClient() {}

    /** A client to where {@code base} points; the caller closes it. */
    public static KubernetesClient of(Config base) {
        return new KubernetesClientBuilder()
                .withConfig(bounded(base))
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
    }

    /** The same configuration with few repeats and a bounded request. */
    public static Config bounded(Config base) {
        return new ConfigBuilder(base)
                .withRequestRetryBackoffLimit(REPEATS)
                .withRequestRetryBackoffInterval(INTERVAL_MILLIS)
                .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
                .build();
    }
}
