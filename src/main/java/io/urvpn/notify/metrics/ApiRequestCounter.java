package io.urvpn.notify.metrics;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the requests of a client by verb, resource and answer; no name of an object is in a label. */
public final class ApiRequestCounter implements Interceptor {
    /** The group, the namespace, the resource, the name, the subresource: /apis/apps/v1/namespaces/n/daemonsets/d/status. */
    private static final Pattern RESOURCE = Pattern.compile(
            "/(?:api/v1|apis/[^/]+/[^/]+)(?:/namespaces/[^/]+(?=/[^/]))?"
                    + "/(?<resource>[a-z]+)(?:/(?<name>[^/]+)(?:/(?<part>status|scale|finalizers|token|eviction|log))?)?/?");

    private static final String OTHER = "other";
    private static final String NO_ANSWER = "none";

    private final Measurements measurements;

    public ApiRequestCounter(Measurements measurements) {
        this.measurements = measurements;
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        count(request, Integer.toString(response.code()));
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        count(request, NO_ANSWER);
    }

    private void count(HttpRequest request, String code) {
        URI uri = request.uri();
        measurements.count(Metric.API_REQUESTS, verb(request.method(), uri), resource(uri), code);
    }

    /** As the API server's audit log has it: get, list, watch, create, update, patch, delete, deletecollection. */
    public static String verb(String method, URI uri) {
        boolean named = Optional.of(RESOURCE.matcher(uri.getPath()))
                .filter(Matcher::matches)
                .map(matcher -> matcher.group("name"))
                .isPresent();
        return switch (method) {
            case "GET" -> watch(uri) ? "watch" : named ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> named ? "delete" : "deletecollection";
            default -> OTHER;
        };
    }

    private static boolean watch(URI uri) {
        return uri.getQuery() != null
                && Arrays.asList(uri.getQuery().split("&")).contains("watch=true");
    }

    /** The resource, with its subresource: vpnattachments/status; what is none is other. */
    public static String resource(URI uri) {
        Matcher matcher = RESOURCE.matcher(uri.getPath());
        if (!matcher.matches()) {
            return OTHER;
        }
        return matcher.group("part") == null
                ? matcher.group("resource")
                : matcher.group("resource") + "/" + matcher.group("part");
    }
}
