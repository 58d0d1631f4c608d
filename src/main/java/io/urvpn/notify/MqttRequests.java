package io.urvpn.notify;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests from the broker, one after the other on a thread of its own. Each is acknowledged when it was answered, so
 * the broker holds back what exceeds {@link #AT_ONCE}.
 */
final class MqttRequests implements AutoCloseable {
    /** Requests that the broker hands over before the first is acknowledged. */
    static final int AT_ONCE = 8;
    /** What a packet has beside its payload: topics, correlation data, properties. */
    static final int ENVELOPE = 2048;

    private static final Logger LOG = LoggerFactory.getLogger(MqttRequests.class);

    private final RpcSettings settings;
    private final RpcServer server;
    private final Function<MqttMessage, CompletableFuture<Void>> publisher;
    private final ExecutorService own = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("mqtt-calls").daemon().factory());

    MqttRequests(
            RpcSettings settings, RpcServer.Calls calls, Function<MqttMessage, CompletableFuture<Void>> publisher) {
        this.settings = settings;
        this.server = new RpcServer(settings, calls, System::nanoTime);
        this.publisher = publisher;
    }

    int maximumPacketSize() {
        return settings.maxRequestBytes() + ENVELOPE;
    }

    /** On a new connection; what the broker kept from before is not wanted. */
    void subscribe(Mqtt5AsyncClient client) {
        client.subscribeWith()
                .topicFilter(settings.requestTopic())
                .qos(MqttQos.AT_LEAST_ONCE)
                .retainHandling(Mqtt5RetainHandling.DO_NOT_SEND)
                .callback(this::take)
                .executor(this::onOwn)
                .manualAcknowledgement(true)
                .send()
                .whenComplete((granted, failure) -> {
                    if (failure != null) {
                        LOG.warn(
                                "the broker does not let calls be taken on {}: {}",
                                settings.requestTopic(),
                                failure.getMessage());
                    }
                });
    }

    /** The connection's end, which comes after the end of this, is told here too. */
    private void onOwn(Runnable task) {
        try {
            own.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed meanwhile");
        }
    }

    private void take(Mqtt5Publish request) {
        try {
            server.handle(new RpcServer.Incoming(
                            request.getPayloadAsBytes(),
                            request.getResponseTopic().map(Object::toString),
                            request.getCorrelationData(),
                            request.isRetain()))
                    .ifPresent(this::answer);
        } catch (RuntimeException e) {
            LOG.warn("a request over MQTT could not be taken", e);
        } finally {
            request.acknowledge();
        }
    }

    private void answer(MqttMessage answer) {
        publisher.apply(answer).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("an answer was not delivered: {}", failure.getMessage());
            }
        });
    }

    @Override
    public void close() {
        own.shutdown();
    }
}
