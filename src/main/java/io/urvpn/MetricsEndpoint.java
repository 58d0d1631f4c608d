package io.urvpn;

import io.urvpn.notify.metrics.Measurements;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.HttpURLConnection;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * {@code /metrics}: the operator's beside its probes; the agent's, where it is asked for, at an address of its own, since
 * the agent's probes stay on the loopback.
 */
@ApplicationScoped
public class MetricsEndpoint {
    private static final Logger LOG = Logger.getLogger(MetricsEndpoint.class);
    private static final String PATH = "/metrics";
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Vertx vertx;
    private volatile Measurements besideProbes;

    public MetricsEndpoint(Vertx vertx) {
        this.vertx = vertx;
    }

    void route(@Observes Router router) {
        router.get(PATH).handler(context -> answer(context.request(), besideProbes));
    }

    /** Answers on the port of the probes. */
    void besideProbes(Measurements measurements) {
        besideProbes = measurements;
    }

    /** Answers at this address and port; where it is taken it is tried again, as an agent before this one may still end. */
    public void at(String host, int port, Measurements measurements) {
        HttpServerOptions options =
                new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout((int) IDLE.toSeconds());
        vertx.createHttpServer(options)
                .requestHandler(request -> answer(
                        request,
                        request.method() == HttpMethod.GET && PATH.equals(request.path()) ? measurements : null))
                .listen()
                .onSuccess(server -> LOG.infof("metrics at %s port %d", host, port))
                .onFailure(failure -> {
                    LOG.warnf(
                            "no metrics at %s port %d, trying again in %d s: %s",
                            host, port, AGAIN.toSeconds(), failure.getMessage());
                    vertx.setTimer(AGAIN.toMillis(), timer -> at(host, port, measurements));
                });
    }

    /** Not on the event loop: a large cluster is counted. */
    private void answer(HttpServerRequest request, Measurements measurements) {
        HttpServerResponse response = request.response();
        if (measurements == null) {
            response.setStatusCode(HttpURLConnection.HTTP_NOT_FOUND).end();
            return;
        }
        vertx.executeBlocking(measurements::text)
                .onSuccess(text -> response.putHeader("Content-Type", Measurements.CONTENT_TYPE)
                        .end(text))
                .onFailure(failure -> {
                    LOG.error("metrics could not be told", failure);
                    response.setStatusCode(HttpURLConnection.HTTP_INTERNAL_ERROR)
                            .end();
                });
    }
}
