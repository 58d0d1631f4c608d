package io.urvpn.notify;

import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectRestrictions;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.reactivex.schedulers.Schedulers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection to the broker: MQTT 5, with a session that ends with it, since what is owed is kept in the API. It is
 * tried again for ever, and reads its credentials anew each time. Nobody waits for it: what it tells comes by callback.
 */
public final class MqttLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MqttLink.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(30);
    private static final int RETRY_MILLIS = 500;
    private static final int RETRY_AT_MOST_MILLIS = 60_000;
    /** A connection that lasted so long was a good one, and its end is tried to be mended at once. */
    private static final long LASTING_NANOS = Duration.ofSeconds(10).toNanos();

    private static final int TEXT = 384;
    /** Bytes of what a broker says beside requests. */
    private static final int OTHER_PACKETS = 16_384;

    private final MqttSettings settings;
    private final BooleanSupplier wanted;
    private final Runnable changed;
    private final Optional<MqttRequests> requests;
    private final ScheduledExecutorService own;
    private volatile Mqtt5AsyncClient connected;
    private volatile Optional<String> problem = Optional.empty();
    private volatile boolean closed;
    // of the thread of its own
    private Mqtt5AsyncClient current;
    private int failures;
    private long since;

    /**
     * Nothing is done before {@link #start}.
     *
     * @param wanted whether this process is the one that sends
     * @param changed is called when the connection is there, and when why it is not has changed
     * @param calls carries out what is called for, where the settings have calls
     */
    public MqttLink(MqttSettings settings, BooleanSupplier wanted, Runnable changed, RpcServer.Calls calls) {
        this.settings = settings;
        this.wanted = wanted;
        this.changed = changed;
        this.requests = settings.rpc().map(asked -> new MqttRequests(asked, calls, this::publish));
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("mqtt").daemon().factory());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.own = executor;
    }

    /** Begins to connect, as soon as it is wanted. */
    public void start() {
        own.execute(this::attempt);
    }

    /** True where something can be sent. */
    public boolean connected() {
        return connected != null;
    }

    /** Why there is no connection; empty where there is one, or the first attempt is under way. */
    public Optional<String> problem() {
        return problem;
    }

    private void attempt() {
        if (closed || current != null) {
            return;
        }
        if (!wanted.getAsBoolean()) {
            later(RETRY_MILLIS);
            return;
        }
        try {
            Mqtt5AsyncClient client = client();
            current = client;
            client.connectWith()
                    .cleanStart(true)
                    .sessionExpiryInterval(0)
                    .keepAlive((int) settings.keepAlive().toSeconds())
                    .restrictions(Mqtt5ConnectRestrictions.builder()
                            .receiveMaximum(MqttRequests.AT_ONCE)
                            .maximumPacketSize(requests.map(MqttRequests::maximumPacketSize)
                                    .orElse(OTHER_PACKETS))
                            .topicAliasMaximum(0)
                            .build())
                    .send()
                    .whenComplete((answer, failure) -> onOwn(() -> {
                        if (failure == null) {
                            established(client);
                        } else {
                            ended(client, failure);
                        }
                    }));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            current = null;
            failed(e);
        }
    }

    private Mqtt5AsyncClient client() throws IOException, GeneralSecurityException {
        MqttFiles files = new MqttFiles(settings.credentials());
        files.check();
        var transport = MqttClientTransportConfig.builder()
                .serverHost(settings.host())
                .serverPort(settings.port())
                .socketConnectTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .mqttConnectTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (settings.tls()) {
            transport.sslConfig(files.tls());
        }
        // its own event loop is one thread, which is shared by the clients that follow each other
        var builder = Mqtt5Client.builder()
                .transportConfig(transport.build())
                .executorConfig(MqttClientExecutorConfig.builder()
                        .nettyThreads(1)
                        .applicationScheduler(Schedulers.from(this::onOwn))
                        .build());
        settings.clientId().ifPresent(builder::identifier);
        files.auth().ifPresent(builder::simpleAuth);
        Mqtt5AsyncClient[] made = new Mqtt5AsyncClient[1];
        builder.addDisconnectedListener(context -> onOwn(() -> ended(made[0], context.getCause())));
        made[0] = builder.buildAsync();
        return made[0];
    }

    private void established(Mqtt5AsyncClient client) {
        if (client != current || closed) {
            client.disconnect();
            return;
        }
        since = System.nanoTime();
        problem = Optional.empty();
        connected = client;
        LOG.info("connected to the MQTT {}", settings.broker());
        requests.ifPresent(all -> all.subscribe(client));
        changed.run();
    }

    private void ended(Mqtt5AsyncClient client, Throwable cause) {
        if (client != current) {
            return;
        }
        current = null;
        boolean lasted = connected == client && System.nanoTime() - since > LASTING_NANOS;
        connected = null;
        if (lasted) {
            failures = 0;
        }
        failed(cause);
    }

    private void failed(Throwable cause) {
        if (closed) {
            return;
        }
        String text = settings.broker() + ": " + why(cause);
        boolean news = !problem.filter(text::equals).isPresent();
        problem = Optional.of(text);
        if (news) {
            LOG.warn("no connection to the MQTT {}", text);
            changed.run();
        }
        later(Math.min(RETRY_AT_MOST_MILLIS, (long) RETRY_MILLIS << Math.min(failures, 10)));
        failures++;
    }

    private void later(long millis) {
        try {
            own.schedule(this::attempt, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed meanwhile");
        }
    }

    private void onOwn(Runnable task) {
        try {
            own.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed meanwhile");
        }
    }

    /**
     * Sends a message. The future completes when the broker has acknowledged it, and fails with an exception whose message is
     * fit for people otherwise; then it may have arrived all the same.
     */
    public CompletableFuture<Void> publish(MqttMessage message) {
        Mqtt5AsyncClient client = connected;
        if (client == null) {
            return CompletableFuture.failedFuture(
                    new IOException(problem.orElse(settings.broker() + ": not connected yet")));
        }
        try {
            var publish = Mqtt5Publish.builder()
                    .topic(message.topic())
                    .payload(message.payload().getBytes(StandardCharsets.UTF_8))
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
                    .contentType("application/json");
            message.operationId()
                    .ifPresent(id -> publish.userProperties(Mqtt5UserProperties.builder()
                            .add("operation_id", id)
                            .build()));
            message.correlation().ifPresent(publish::correlationData);
            CompletableFuture<Void> sent = new CompletableFuture<>();
            client.publish(publish.build())
                    .orTimeout(ACKNOWLEDGED_WITHIN.toSeconds(), TimeUnit.SECONDS)
                    .whenComplete((result, failure) -> acknowledged(client, sent, result, failure));
            return sent;
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(new IOException(why(e), e));
        }
    }

    private void acknowledged(
            Mqtt5AsyncClient client, CompletableFuture<Void> sent, Mqtt5PublishResult result, Throwable failure) {
        Optional<Throwable> error = Optional.ofNullable(failure).or(() -> result.getError());
        if (error.isEmpty()) {
            sent.complete(null);
            return;
        }
        if (error.get() instanceof TimeoutException) {
            // a connection on which nothing is acknowledged is none
            client.disconnect();
            sent.completeExceptionally(new IOException(
                    settings.broker() + ": no acknowledgement within " + ACKNOWLEDGED_WITHIN.toSeconds() + " s"));
            return;
        }
        sent.completeExceptionally(new IOException(settings.broker() + ": " + why(error.get()), error.get()));
    }

    /** The cause that tells most, without the classes in front of it. */
    private static String why(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null
                && (cause instanceof CompletionException
                        || cause.getMessage() == null
                        || cause.getMessage()
                                .contains(cause.getCause().getClass().getName()))) {
            cause = cause.getCause();
        }
        String text =
                Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
        if (cause instanceof Mqtt5PubAckException refused) {
            text = "the message was refused: " + refused.getMqttMessage().getReasonCode();
        } else if (cause instanceof Mqtt5ConnAckException refused) {
            text = "the connection was refused: " + refused.getMqttMessage().getReasonCode();
        }
        return text.length() <= TEXT ? text : text.substring(0, TEXT - 1) + "…";
    }

    /** Ends the connection; what was not acknowledged stays owed. */
    @Override
    public void close() {
        closed = true;
        Mqtt5AsyncClient client = connected;
        connected = null;
        if (client != null) {
            try {
                client.disconnect().get(2, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("the connection ended by itself", e);
            }
        }
        requests.ifPresent(MqttRequests::close);
        own.shutdown();
    }
}
