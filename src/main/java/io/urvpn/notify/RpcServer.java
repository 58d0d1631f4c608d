package io.urvpn.notify;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests and says what is answered. A request is carried out only where it can be answered, and where its answer
 * goes to a topic for answers; one that comes again within the last requests gets the same answer, and is not carried out
 * again; {@link Calls} can tell it over a restart too. Used by one thread.
 */
public final class RpcServer {
    private static final Logger LOG = LoggerFactory.getLogger(RpcServer.class);
    private static final int REMEMBERED = 256;
    private static final int CORRELATION = 256;
    private static final long SECOND = 1_000_000_000L;

    private final RpcSettings settings;
    private final Calls calls;
    private final LongSupplier nanos;
    private final Map<String, Answer> remembered = new LinkedHashMap<>();
    private double tokens;
    private long filledAt;

    /** Carries calls out. */
    public interface Calls {
        /**
         * Whether it is allowed is decided here too; an exception is answered as a failure without its text.
         *
         * @param identity the same when it comes again, also to another process; empty where it had no correlation data
         */
        Answer answer(RpcRequest request, Optional<String> identity);
    }

    /** JSON, and the operation that it is about. */
    public record Answer(String payload, Optional<String> operationId) {}

    /**
     * A request as it came.
     *
     * @param retained kept by the broker from before: it was not sent now
     */
    public record Incoming(
            byte[] payload, Optional<String> responseTopic, Optional<ByteBuffer> correlation, boolean retained) {}

    /** The clock is that of {@link System#nanoTime}. */
    public RpcServer(RpcSettings settings, Calls calls, LongSupplier nanos) {
        this.settings = settings;
        this.calls = calls;
        this.nanos = nanos;
        this.tokens = settings.requestsPerSecond();
        this.filledAt = nanos.getAsLong();
    }

    /** What is answered; empty where nobody can be answered, and then nothing was done. */
    public Optional<MqttMessage> handle(Incoming request) {
        Optional<String> topic = request.responseTopic().filter(this::mayBeAnswered);
        if (request.retained() || topic.isEmpty()) {
            LOG.debug(
                    "a request that is retained, or has no response topic under {}, is left",
                    settings.responsePrefix());
            return Optional.empty();
        }
        if (request.correlation().filter(data -> data.remaining() > CORRELATION).isPresent()) {
            return Optional.of(message(
                    topic.get(),
                    Optional.empty(),
                    refusal("the correlation data has more than " + CORRELATION + " bytes")));
        }
        return Optional.of(message(topic.get(), request.correlation(), answer(topic.get(), request)));
    }

    private boolean mayBeAnswered(String topic) {
        return topic.startsWith(settings.responsePrefix())
                && topic.length() > settings.responsePrefix().length()
                && MqttTopics.isTopic(topic);
    }

    private Answer answer(String topic, Incoming request) {
        if (!admitted()) {
            return refusal("too many requests: at most " + settings.requestsPerSecond() + " a second");
        }
        if (request.payload().length > settings.maxRequestBytes()) {
            return refusal("the request has more than " + settings.maxRequestBytes() + " bytes");
        }
        Optional<String> identity = request.correlation().map(data -> identity(topic, data, request.payload()));
        Optional<Answer> before = identity.map(remembered::get);
        if (before.isPresent()) {
            return before.get();
        }
        RpcRequest parsed = RpcRequest.parse(request.payload());
        Answer answer = parsed instanceof RpcRequest.Malformed malformed
                ? refusal(malformed.why())
                : carryOut(parsed, identity);
        // what changes nothing may be asked again as often as one likes
        if (parsed instanceof RpcRequest.Delete) {
            identity.ifPresent(key -> remember(key, answer));
        }
        return answer;
    }

    private Answer carryOut(RpcRequest request, Optional<String> identity) {
        try {
            return calls.answer(request, identity);
        } catch (RuntimeException e) {
            LOG.warn("a call over MQTT failed", e);
            return refusal("the call failed; the operator's log says why");
        }
    }

    private void remember(String identity, Answer answer) {
        if (remembered.size() >= REMEMBERED) {
            remembered.remove(remembered.keySet().iterator().next());
        }
        remembered.put(identity, answer);
    }

    /** By which a request is known again: a client gives each a correlation of its own. What is hexadecimal has no space. */
    private static String identity(String responseTopic, ByteBuffer correlation, byte[] payload) {
        byte[] data = new byte[correlation.remaining()];
        correlation.duplicate().get(data);
        HexFormat hex = HexFormat.of();
        return responseTopic + ' ' + hex.formatHex(data) + ' ' + hex.formatHex(payload);
    }

    /** A bucket that holds the requests of one second. */
    private boolean admitted() {
        long now = nanos.getAsLong();
        tokens = Math.min(
                settings.requestsPerSecond(),
                tokens + (double) (now - filledAt) / SECOND * settings.requestsPerSecond());
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    private static MqttMessage message(String topic, Optional<ByteBuffer> correlation, Answer answer) {
        return new MqttMessage(topic, answer.payload(), answer.operationId(), correlation);
    }

    /** Something was not done; {@code why} is fit for the client. */
    public static Answer refusal(String why) {
        return new Answer(
                com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                        .objectNode()
                        .put("success", false)
                        .put("message", why)
                        .toString(),
                Optional.empty());
    }
}
