package io.urvpn.apiserver.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.urvpn.ApiServerClient;
import io.urvpn.api.v1alpha1.Serialization;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/** Notes each request of a client and its answer. */
public final class Requests {
    private final ConcurrentLinkedQueue<Request> seen = new ConcurrentLinkedQueue<>();

    /** One request. */
    public record Request(String method, String uri, int status) {}

    /** A client as the operator has it, whose requests are noted. */
    public KubernetesClient client(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(ApiServerClient.bounded(config))
                .withKubernetesSerialization(Serialization.kubernetes())
                .withHttpClientBuilderConsumer(builder -> builder.addOrReplaceInterceptor("notes", new Notes()))
                .build();
    }

    /** Those that match. */
    public List<Request> matching(Predicate<Request> which) {
        return seen.stream().filter(which).toList();
    }

    private final class Notes implements Interceptor {
        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            seen.add(new Request(request.method(), request.uri().toString(), response.code()));
        }
    }
}
