package io.urvpn;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.urvpn.api.v1alpha1.Serialization;
import io.vertx.ext.web.client.WebClientOptions;
import java.time.Duration;
import java.util.List;

/** Our way to the API server. */
public final class ApiServerClient {
    /** By default a request that meets 429 or 5xx is repeated ten times inside the call, while the pass stands still. */
    private static final int REPEATS = 2;

    private static final int INTERVAL_MILLIS = 200;
    private static final int REQUEST_TIMEOUT_MILLIS = 10_000;
    /** A watch that ended is tried again after this, and then after twice as long up to 32 times it: some 8 s. By default it is 32. */
    private static final int WATCH_AGAIN_MILLIS = 250;

    /** An API server sends a bookmark on each watch about once a minute (k8s.io/apiserver, defaultBookmarkFrequency). */
    private static final Duration SILENCE = Duration.ofSeconds(90);

    private ApiServerClient() {}

    /** A client to where {@code base} points; the caller closes it. */
    public static KubernetesClient of(Config base) {
        return of(base, SILENCE);
    }

    /**
     * The same, for a server that is known to speak more often.
     *
     * @param silence after which a connection, a watch's too, is taken for dead and made anew: where a network was cut, the
     *     other end may be gone without a word, and nothing else would notice; whole seconds
     */
    public static KubernetesClient of(Config base, Duration silence) {
        return of(base, silence, List.of());
    }

    /** The same, with interceptors of its requests, one of a class. */
    public static KubernetesClient of(Config base, List<Interceptor> interceptors) {
        return of(base, SILENCE, interceptors);
    }

    private static KubernetesClient of(Config base, Duration silence, List<Interceptor> interceptors) {
        return new KubernetesClientBuilder()
                .withConfig(bounded(base))
                .withHttpClientFactory(new VertxHttpClientFactory() {
                    @Override
                    protected void additionalConfig(WebClientOptions options) {
                        options.setReadIdleTimeout((int) silence.toSeconds());
                    }
                })
                .withHttpClientBuilderConsumer(builder -> interceptors.forEach(asked ->
                        builder.addOrReplaceInterceptor(asked.getClass().getName(), asked)))
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
    }

    /** The same configuration with few repeats, a bounded request, and watches that are soon there again. */
    public static Config bounded(Config base) {
        return new ConfigBuilder(base)
                .withRequestRetryBackoffLimit(REPEATS)
                .withRequestRetryBackoffInterval(INTERVAL_MILLIS)
                .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
                .withWatchReconnectInterval(WATCH_AGAIN_MILLIS)
                .build();
    }
}
