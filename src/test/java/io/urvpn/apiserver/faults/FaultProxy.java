package io.urvpn.apiserver.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Stands between a client and the API server and does what a bad day does: refuses requests, loses answers, cuts and delays
 * watches, fills caches from old lists, is away. It speaks HTTP/1.1 in the clear to the client and has the administrator's certificate
 * for the server. A watch over WebSocket is refused in the way that makes the client ask again over HTTP.
 */
final class FaultProxy implements AutoCloseable {
    private static final Set<String> PASSED_ON = Set.of("content-type", "accept");

    private final HttpServer server;
    private final HttpClient client;
    private final URI target;
    private final Random random;
    private final Set<HttpExchange> watches = ConcurrentHashMap.newKeySet();
    private final Map<String, byte[]> firstLists = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Request> seen = new ConcurrentLinkedQueue<>();
    private volatile double refused;
    private volatile boolean stale;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean away;
    private volatile Consumer<Request> watcher = request -> {};

    /** A request as it came, and what became of it. */
    record Request(String method, String uri, String body, long atNanos) {
        @Override
        public String toString() {
            return method + " " + uri;
        }

        boolean isWrite() {
            return !method.equals("GET");
        }

        boolean isOf(String plural) {
            return uri.contains("/" + plural + "/") || uri.endsWith("/" + plural) || uri.contains("/" + plural + "?");
        }
    }

    /** What the proxy did to requests. */
    enum Fault {
        REFUSED,
        TOO_MANY,
        ANSWER_LOST,
        CUT,
        STALE,
        AWAY
    }

    private final Map<Fault, Integer> done = new ConcurrentHashMap<>();

    /**
     * @param seed the same seed refuses the same share of requests in the same order
     */
    FaultProxy(Config config, long seed) {
        try {
            random = new Random(seed);
            target = URI.create(config.getMasterUrl());
            client = HttpClient.newBuilder()
                    .sslContext(SSLUtils.sslContext(config))
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** How a client comes here. */
    Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withTrustCerts(true)
                .build();
    }

    /** From now on this share of the requests is refused with 500 or 429, or done and answered with 500. */
    void refuse(double share) {
        refused = share;
    }

    /** From now on the first answer to a list is one that is given now. */
    void forgetLists() {
        firstLists.clear();
    }

    /** From now on a list by which a cache is filled is answered with the first answer that it ever had. */
    void staleLists(boolean on) {
        stale = on;
    }

    /** From now on what happens is told so much later on a watch. */
    void delayWatches(Duration by) {
        delay = by;
    }

    /** While true every connection ends without an answer. */
    void away(boolean isAway) {
        away = isAway;
        if (isAway) {
            cutWatches();
        }
    }

    /** Ends every watch that is open. */
    void cutWatches() {
        for (HttpExchange watch : watches) {
            count(Fault.CUT);
            watch.close();
        }
    }

    /** Is asked before each request is passed on; what it throws is for the test to keep. */
    void beforeEach(Consumer<Request> asked) {
        watcher = asked;
    }

    /** Requests that were passed on and match. */
    List<Request> passed(Predicate<Request> which) {
        return seen.stream().filter(which).toList();
    }

    /** How often each fault was done. */
    Map<Fault, Integer> faults() {
        return Map.copyOf(done);
    }

    private void count(Fault fault) {
        done.merge(fault, 1, Integer::sum);
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            if (away) {
                count(Fault.AWAY);
                return;
            }
            if ("websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"))) {
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            Optional<Fault> fault = fault();
            if (fault.isPresent() && fault.get() != Fault.ANSWER_LOST) {
                refuse(exchange, fault.get());
                return;
            }
            pass(exchange, fault.isPresent());
        } catch (IOException e) {
            // one end is gone, as happens when it is cut
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Optional<Fault> fault() {
        if (random.nextDouble() >= refused) {
            return Optional.empty();
        }
        Fault fault = List.of(Fault.REFUSED, Fault.TOO_MANY, Fault.ANSWER_LOST).get(random.nextInt(3));
        count(fault);
        return Optional.of(fault);
    }

    private static void refuse(HttpExchange exchange, Fault fault) throws IOException {
        int code = fault == Fault.TOO_MANY ? 429 : 500;
        if (code == 429) {
            exchange.getResponseHeaders().set("Retry-After", "1");
        }
        exchange.getRequestBody().readAllBytes();
        byte[] status = """
                {"kind":"Status","apiVersion":"v1","status":"Failure","message":"refused by the test","code":%d}""".formatted(code).getBytes(StandardCharsets.UTF_8);
        answer(exchange, code, "application/json", status);
    }

    private static void answer(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    private void pass(HttpExchange exchange, boolean loseAnswer) throws IOException, InterruptedException {
        String uri = exchange.getRequestURI().toString();
        byte[] body = exchange.getRequestBody().readAllBytes();
        Request request = new Request(
                exchange.getRequestMethod(), uri, new String(body, StandardCharsets.UTF_8), System.nanoTime());
        watcher.accept(request);
        seen.add(request);
        boolean mayBeOld = fillsACache(uri);
        if (mayBeOld && stale && firstLists.containsKey(uri)) {
            count(Fault.STALE);
            answer(exchange, 200, "application/json", firstLists.get(uri));
            return;
        }
        HttpResponse<InputStream> response = client.send(passedOn(exchange, uri, body), BodyHandlers.ofInputStream());
        String type = response.headers().firstValue("Content-Type").orElse("application/json");
        if (uri.contains("watch=true") && response.statusCode() == 200) {
            stream(exchange, response, type);
            return;
        }
        byte[] answer = response.body().readAllBytes();
        if (mayBeOld && response.statusCode() == 200) {
            firstLists.putIfAbsent(uri, answer);
        }
        if (loseAnswer) {
            answer(exchange, 500, "text/plain", "lost by the test".getBytes(StandardCharsets.UTF_8));
        } else {
            answer(exchange, response.statusCode(), type, answer);
        }
    }

    /** By a page at a time, or where any version will do; a live read is neither. */
    private static boolean fillsACache(String uri) {
        return (uri.contains("limit=") || uri.contains("resourceVersion=0"))
                && !uri.contains("continue=")
                && !uri.contains("watch=true");
    }

    private HttpRequest passedOn(HttpExchange exchange, String uri, byte[] body) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(target.resolve(uri))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (PASSED_ON.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                values.forEach(value -> builder.header(name, value));
            }
        });
        return builder.build();
    }

    private void stream(HttpExchange exchange, HttpResponse<InputStream> response, String type) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        watches.add(exchange);
        try (InputStream in = response.body();
                OutputStream out = exchange.getResponseBody()) {
            // the client waits for the head of the answer; the first event may be long in coming
            out.flush();
            byte[] buffer = new byte[16384];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                LockSupport.parkNanos(delay.toNanos());
                out.write(buffer, 0, read);
                out.flush();
            }
        } finally {
            watches.remove(exchange);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        client.shutdownNow();
    }
}
