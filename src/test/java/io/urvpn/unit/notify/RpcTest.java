package io.urvpn.unit.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.notify.CallRule;
import io.urvpn.notify.MqttMessage;
import io.urvpn.notify.RpcRequest;
import io.urvpn.notify.RpcServer;
import io.urvpn.notify.RpcServer.Answer;
import io.urvpn.notify.RpcServer.Incoming;
import io.urvpn.notify.RpcSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request over MQTT may do, and that what is wrong with it does no harm. */
class RpcTest {
    private static final String DELETE = "{\"call\": \"delete\", \"instance_name\": \"office\"}";
    private static final RpcSettings SETTINGS =
            new RpcSettings("rpc/request", "rpc/response/", 256, 3, CallRule.NONE, CallRule.NONE, false);

    private final List<RpcRequest> carriedOut = new ArrayList<>();
    private final List<Optional<String>> identities = new ArrayList<>();
    private long nanos;
    private final RpcServer server = new RpcServer(
            SETTINGS,
            (request, identity) -> {
                carriedOut.add(request);
                identities.add(identity);
                return new Answer("{\"number\":" + carriedOut.size() + "}", Optional.of("cleanup-1"));
            },
            () -> nanos);

    private Optional<MqttMessage> send(String payload, String topic, String correlation) {
        return server.handle(new Incoming(
                payload.getBytes(StandardCharsets.UTF_8),
                Optional.ofNullable(topic),
                Optional.ofNullable(correlation).map(text -> ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))),
                false));
    }

    private String answered(String payload) {
        return send(payload, "rpc/response/me", null).orElseThrow().payload();
    }

    @Test
    void anAnswerGoesToTheResponseTopicWithTheCorrelationData() {
        MqttMessage answer = send(DELETE, "rpc/response/me", "17").orElseThrow();
        assertThat(answer.topic()).isEqualTo("rpc/response/me");
        assertThat(answer.correlation()).contains(ByteBuffer.wrap("17".getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.operationId()).contains("cleanup-1");
        assertThat(carriedOut).containsExactly(new RpcRequest.Delete("office"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ur-vpn/office/cleanup", "rpc/request", "rpc/response/", "rpc/response", "rpc/response/+", ""})
    void nothingIsDoneWhoseAnswerWouldGoElsewhere(String topic) {
        assertThat(send(DELETE, topic, "17")).isEmpty();
        assertThat(carriedOut).isEmpty();
    }

    @Test
    void nothingIsDoneWithoutAResponseTopicOrForARetainedMessage() {
        assertThat(send(DELETE, null, "17")).isEmpty();
        assertThat(server.handle(new Incoming(
                        DELETE.getBytes(StandardCharsets.UTF_8),
                        Optional.of("rpc/response/me"),
                        Optional.empty(),
                        true)))
                .isEmpty();
        assertThat(carriedOut).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "delete office|not JSON",
                "[]|must be a JSON object",
                "null|must be a JSON object",
                "{\"call\": \"drop\"}|call must be one of delete, getCleanupStatus, getCronJobStatus",
                "{\"call\": \"delete\"}|instance_name must be a text",
                "{\"call\": \"delete\", \"instance_name\": 7}|instance_name must be a text",
                "{\"call\": \"delete\", \"instance_name\": \" \"}|instance_name must be a text",
                "{\"call\": \"delete\", \"instance_name\": \"a\", \"force\": true}|these keys only: call, instance_name",
                "{\"call\": \"delete\", \"instance_name\": \"a\", \"instance_name\": \"b\"}|not JSON",
                "{\"call\": \"delete\", \"instance_name\": \"a\"} {}|not JSON",
                "{\"call\": \"getCleanupStatus\"}|operation_id must be a text",
                "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]|not JSON",
            })
    void aMalformedRequestIsAnsweredAndDoesNothing(String payload, String why) {
        assertThat(answered(payload)).contains("\"success\":false").contains(why);
        assertThat(carriedOut).isEmpty();
    }

    @Test
    void anOversizedRequestIsAnsweredAndDoesNothing() {
        assertThat(answered("x".repeat(257))).contains("more than 256 bytes");
        MqttMessage answer = send(DELETE, "rpc/response/me", "x".repeat(257)).orElseThrow();
        assertThat(answer.payload()).contains("correlation data has more than 256 bytes");
        assertThat(answer.correlation()).isEmpty();
        assertThat(carriedOut).isEmpty();
    }

    @Test
    void aRepeatedRequestGetsTheSameAnswerAndIsNotCarriedOutAgain() {
        Optional<MqttMessage> first = send(DELETE, "rpc/response/me", "17");
        assertThat(send(DELETE, "rpc/response/me", "17")).isEqualTo(first);
        assertThat(carriedOut).hasSize(1);
        send(DELETE, "rpc/response/me", "18");
        assertThat(carriedOut).hasSize(2);
    }

    @Test
    void aRequestIsKnownByItsTopicItsCorrelationAndItsTextWhereItHasACorrelation() {
        send(DELETE, "rpc/response/me", "17");
        send(DELETE, "rpc/response/me", "18");
        send(DELETE, "rpc/response/you", "17");
        nanos += 2_000_000_000L;
        send(DELETE.replace("office", "lab"), "rpc/response/me", "17");
        send(DELETE, "rpc/response/me", null);
        assertThat(identities).hasSize(5).doesNotHaveDuplicates().last().isEqualTo(Optional.empty());
        assertThat(identities.subList(0, 4))
                .allSatisfy(one -> assertThat(one.orElseThrow()).startsWith("rpc/response/"));

        // to another process it is the same
        RpcServer other = new RpcServer(
                SETTINGS,
                (request, identity) -> {
                    identities.add(identity);
                    return new Answer("{}", Optional.empty());
                },
                () -> 0);
        other.handle(new Incoming(
                DELETE.getBytes(StandardCharsets.UTF_8),
                Optional.of("rpc/response/me"),
                Optional.of(ByteBuffer.wrap("17".getBytes(StandardCharsets.UTF_8))),
                false));
        assertThat(identities.getLast()).isEqualTo(identities.getFirst());
    }

    @Test
    void moreThanSoManyASecondAreRefused() {
        for (int i = 0; i < 3; i++) {
            assertThat(answered(DELETE)).contains("number");
        }
        assertThat(answered(DELETE)).contains("at most 3 a second");
        nanos += 400_000_000L;
        assertThat(answered(DELETE)).contains("number");
        assertThat(answered(DELETE)).contains("at most 3 a second");
    }

    @Test
    void aCallThatFailsIsAnsweredWithoutItsCause() {
        RpcServer failing = new RpcServer(
                SETTINGS,
                (request, identity) -> {
                    throw new IllegalStateException("https://10.0.0.1");
                },
                () -> 0);
        assertThat(failing.handle(new Incoming(
                        DELETE.getBytes(StandardCharsets.UTF_8),
                        Optional.of("rpc/response/me"),
                        Optional.empty(),
                        false)))
                .hasValueSatisfying(answer ->
                        assertThat(answer.payload()).contains("the call failed").doesNotContain("10.0.0.1"));
    }

    @Test
    void aRuleAllowsByNameOrByAllOfItsLabels() {
        CallRule rule = CallRule.of("k", List.of("office"), "team=a, mqtt=yes");
        assertThat(rule.allows("office", null)).isTrue();
        assertThat(rule.allows("home", Map.of("team", "a", "mqtt", "yes", "x", "y")))
                .isTrue();
        assertThat(rule.allows("home", Map.of("team", "a"))).isFalse();
        assertThat(rule.allows("home", null)).isFalse();
        assertThat(CallRule.of("k", List.of("*"), "").allows("home", null)).isTrue();
        assertThat(CallRule.NONE.allows("home", Map.of("a", "b"))).isFalse();
        assertThatThrownBy(() -> CallRule.of("urvpn.mqtt.rpc.delete.selector", List.of(), "a in (b)"))
                .hasMessage(
                        "urvpn.mqtt.rpc.delete.selector is 'a in (b)'; it must be key=value, several of them joined by commas");
    }

    @Test
    void aResponsePrefixThatCoversTheRequestsIsRefused() {
        assertThatThrownBy(() -> new RpcSettings("rpc/request", "rpc/", 256, 3, CallRule.NONE, CallRule.NONE, false))
                .hasMessageContaining("urvpn.mqtt.rpc.response-prefix is 'rpc/'");
        assertThatThrownBy(() -> new RpcSettings("rpc/#", "x/", 256, 3, CallRule.NONE, CallRule.NONE, false))
                .hasMessageContaining("urvpn.mqtt.rpc.request-topic is 'rpc/#'");
    }
}
