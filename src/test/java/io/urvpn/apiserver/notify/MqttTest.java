package io.urvpn.apiserver.notify;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.DeliveryKind;
import io.urvpn.api.v1alpha1.DeliveryState;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerdictBuilder;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.Delivery;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.apiserver.operator.TestCluster;
import io.urvpn.broker.Broker;
import io.urvpn.operator.OperatorSettingsBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Mosquitto delivers, with TLS and a password, when the operator and the broker are there and when they are not. */
class MqttTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ANSWERS = "ur-vpn/rpc/response/me";
    private static final String INITIAL = "cleanup_tracking";

    @TempDir
    private Path directory;

    private Broker broker;
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        broker = new Broker(directory, "127.0.0.1");
        cluster = new TestCluster(settings -> OperatorSettingsBuilder.builder(settings)
                .mqtt(Optional.of(broker.settings()))
                .build());
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        broker.close();
    }

    private VpnCleanup delete(String name) {
        cluster.admin().resources(VpnInstance.class).withName(name).delete();
        cluster.gone(name);
        return cleanup(name);
    }

    private VpnCleanup cleanup(String name) {
        return cluster.cleanups(name).getFirst();
    }

    private List<Delivery> deliveries(String name) {
        return cleanup(name).getStatus().deliveries();
    }

    private void delivered(String name, DeliveryKind... kinds) {
        eventually(() -> assertThat(deliveries(name))
                .allSatisfy(one -> assertThat(one.state()).isEqualTo(DeliveryState.ACKNOWLEDGED))
                .extracting(Delivery::kind)
                .containsExactly(kinds));
    }

    private String notified(String name) {
        return cleanup(name).getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals("Notified"))
                .map(condition -> condition.getStatus() + "/" + condition.getReason() + ": " + condition.getMessage())
                .findFirst()
                .orElse("");
    }

    @Test
    void bothMessagesHaveTheShapesOfThePageAndTheIdOfTheOperation() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/#")) {
            cluster.up("test-instance", null);
            metadata("test-instance", "annotations", "urvpn.io/legacy-instance-name", "test_instance/+#");
            VpnCleanup cleanup = delete("test-instance");
            delivered("test-instance", DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);
            // the broker tells the one who sends and the one who listens each in its own time
            eventually(() -> assertThat(listener.heard()).hasSize(2));

            assertThat(listener.heard())
                    .allSatisfy(message ->
                            assertThat(message.getTopic()).hasToString("ur-vpn/test_instance%2F%2B%23/cleanup"))
                    .allSatisfy(message -> assertThat(message.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE))
                    .allSatisfy(message -> assertThat(message.isRetain()).isFalse())
                    .allSatisfy(message -> assertThat(operationId(message))
                            .contains(cleanup.getMetadata().getName()));
            assertThat(JSON.readTree(listener.texts().getFirst())).isEqualTo(MqttPage.message("Initial response"));
            JsonNode verification = JSON.readTree(listener.texts().getLast());
            assertThat(MqttPage.shape(verification))
                    .isEqualTo(MqttPage.shape(MqttPage.message("Verification response")));
            assertThat(verification.path("timestamp").longValue())
                    .isEqualTo(cleanup.getStatus().completedAt().getEpochSecond());
            ObjectNode asOnThePage = verification.deepCopy();
            asOnThePage
                    .put("operation_id", "cleanup_123_test_instance")
                    .put("instance_name", "test_instance")
                    .put("timestamp", 1703123456);
            assertThat(asOnThePage.toString())
                    .isEqualTo(MqttPage.message("Verification response").toString());
            assertThat(verification.path("instance_name").textValue()).isEqualTo("test_instance/+#");
            eventually(() -> assertThat(notified("test-instance")).startsWith("True/Acknowledged"));
        }
    }

    private static Optional<String> operationId(Mqtt5Publish message) {
        return message.getUserProperties().asList().stream()
                .filter(property -> property.getName().toString().equals("operation_id"))
                .map(Mqtt5UserProperty::getValue)
                .map(Object::toString)
                .findFirst();
    }

    @Test
    void aBrokerThatIsAwayDelaysNoDeletionAndGetsAllInOrderWhenItIsBack() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/away/#")) {
            cluster.up("away", null);
            broker.stop();
            delete("away");
            eventually(() -> assertThat(notified("away"))
                    .startsWith("False/BrokerUnreachable: not delivered yet: broker localhost:"));
            assertThat(deliveries("away"))
                    .hasSize(2)
                    .allSatisfy(one -> assertThat(one.state()).isEqualTo(DeliveryState.PENDING));

            // meanwhile the password was rotated on both sides
            broker.acceptPassword("another");
            broker.password("another");
            broker.start();
            delivered("away", DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);
            eventually(() -> assertThat(listener.texts()).hasSizeGreaterThanOrEqualTo(2));
            assertThat(listener.texts().getFirst()).contains(INITIAL);
            assertThat(listener.texts().getLast()).contains("cleanup_verification");
            eventually(() -> assertThat(notified("away")).startsWith("True/Acknowledged"));
        }
    }

    @Test
    void aBrokerThatDemandsACertificateIsShownThatOfTheSecret() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/certified/#")) {
            cluster.up("certified", null);
            broker.stop();
            broker.demandCertificate();
            broker.start();
            delete("certified");
            eventually(() -> assertThat(notified("certified")).startsWith("False/BrokerUnreachable"));
            assertThat(listener.texts()).isEmpty();

            broker.giveCertificate();
            delivered("certified", DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);
            eventually(() -> assertThat(listener.texts()).hasSize(2));
        }
    }

    @Test
    void anOperatorThatEndsBeforeTheAcknowledgementSendsAgain() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/twice/#")) {
            cluster.up("twice", null);
            broker.deaf(true);
            delete("twice");
            eventually(() -> assertThat(listener.texts()).hasSize(1));
            cluster.stopOperator();
            assertThat(deliveries("twice"))
                    .hasSize(2)
                    .allSatisfy(one -> assertThat(one.state()).isEqualTo(DeliveryState.PENDING));

            broker.deaf(false);
            cluster.startOperator();
            delivered("twice", DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);
            eventually(() -> assertThat(listener.texts()).hasSize(3));
            List<String> texts = listener.texts();
            assertThat(texts.get(0)).contains(INITIAL).isEqualTo(texts.get(1));
            assertThat(texts.get(2)).contains("cleanup_verification");
        }
    }

    @Test
    void aFailureIsToldAndTheSuccessAfterItUnderTheSameId() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/stubborn/#")) {
            CleanupPolicy once = CleanupPolicyBuilder.builder()
                    .maxRetryAttempts(0)
                    .blockedRetrySeconds(1)
                    .build();
            cluster.up("stubborn", once);
            cluster.agents().answers(MqttTest::leftover);
            cluster.admin().resources(VpnInstance.class).withName("stubborn").delete();
            eventually(() -> assertThat(listener.texts()).hasSize(2));
            JsonNode failed = JSON.readTree(listener.texts().getLast());
            assertThat(failed.path("cleanup_successful").booleanValue()).isFalse();
            assertThat(failed.at("/verification_report/routing_verification/exists")
                            .booleanValue())
                    .isTrue();

            cluster.agents().answers(UnaryOperator.identity());
            cluster.gone("stubborn");
            delivered(
                    "stubborn",
                    DeliveryKind.INITIAL,
                    DeliveryKind.VERIFICATION,
                    DeliveryKind.VERIFICATION_AFTER_FAILURE);
            eventually(() -> assertThat(listener.texts()).hasSize(3));
            JsonNode succeeded = JSON.readTree(listener.texts().getLast());
            assertThat(succeeded.path("cleanup_successful").booleanValue()).isTrue();
            assertThat(succeeded.path("operation_id")).isEqualTo(failed.path("operation_id"));
        }
    }

    private static Verdict leftover(Verdict clean) {
        VerificationReport report = clean.report();
        return VerdictBuilder.builder(clean)
                .clean(false)
                .failed(List.of(io.urvpn.api.v1alpha1.Component.ROUTING_RULES_CLEAR))
                .report(new VerificationReport(
                        report.instanceName(),
                        report.thread(),
                        new VerificationReport.RoutingVerification(true, 1, "1 rule"),
                        report.vpn(),
                        report.configuration()))
                .build();
    }

    @Test
    void aCallIsAnsweredWhereItMayBeAndDoesWhatIsAllowedOnce() throws Exception {
        try (Broker.Listener client = broker.listener("ur-vpn/rpc/response/#")) {
            cluster.up("labelled", null);
            label("labelled");
            cluster.admin().resource(cluster.instance("other", "none")).create();
            untilCallsAreTaken(client, "first");
            assertThat(answer(client, "first").path("cron_job_status").textValue())
                    .isEqualTo("running");
            assertThat(answer(client, "first").path("node_count").intValue()).isEqualTo(2);

            call(client, "delete labelled", "malformed", ANSWERS);
            assertThat(answer(client, "malformed").path("message").textValue()).contains("not JSON");
            call(client, " ".repeat(5000), "large", ANSWERS);
            assertThat(answer(client, "large").path("message").textValue()).contains("more than 4096 bytes");
            // larger than the operator takes at all, so the broker does not pass it on; and one to be answered
            // elsewhere
            call(client, " ".repeat(100_000), "huge", ANSWERS);
            call(client, deleteCall("labelled"), "elsewhere", "ur-vpn/labelled/cleanup");
            call(client, deleteCall("other"), "other", ANSWERS);
            assertThat(answer(client, "other").toString())
                    .isEqualTo("{\"success\":false,\"message\":\"delete is not allowed for 'other'\","
                            + "\"cleanup_status\":\"rejected\"}");
            assertThat(answered(client, "huge")).isEmpty();
            assertThat(cluster.instance("labelled").orElseThrow().isMarkedForDeletion())
                    .isFalse();
            assertThat(cluster.instance("other").orElseThrow().isMarkedForDeletion())
                    .isFalse();

            call(client, deleteCall("labelled"), "delete", ANSWERS);
            assertThat(answer(client, "delete")).isEqualTo(MqttPage.message("Initial response"));
            cluster.gone("labelled");
            VpnCleanup cleanup = cleanup("labelled");
            String id = cleanup.getMetadata().getName();
            assertThat(operationId(answered(client, "delete").orElseThrow())).contains(id);
            assertThat(cleanup.getMetadata().getAnnotations()).containsKey("urvpn.io/deleted-over-mqtt");
            assertThat(cleanup.getMetadata().getAnnotations().get("urvpn.io/mqtt-request"))
                    .matches("[0-9a-f]{32}");

            // the same request again, when there is another instance of that name
            cluster.admin().resource(cluster.instance("labelled", "labelled")).create();
            label("labelled");
            long before = client.heard().size();
            call(client, deleteCall("labelled"), "delete", ANSWERS);
            eventually(() -> assertThat(client.heard()).hasSize((int) before + 1));
            assertThat(cluster.instance("labelled").orElseThrow().isMarkedForDeletion())
                    .isFalse();

            // and again, to an operator that did not take it the first time
            cluster.stopOperator();
            cluster.startOperator();
            untilCallsAreTaken(client, "other operator");
            long answers = answers(client, "delete");
            call(client, deleteCall("labelled"), "delete", ANSWERS);
            eventually(() -> assertThat(answers(client, "delete")).isEqualTo(answers + 1));
            assertThat(operationId(client.heard().stream()
                            .filter(one -> correlates(one, "delete"))
                            .toList()
                            .getLast()))
                    .contains(id);
            assertThat(cluster.instance("labelled").orElseThrow().isMarkedForDeletion())
                    .isFalse();

            call(client, "{\"call\": \"getCleanupStatus\", \"operation_id\": \"" + id + "\"}", "status", ANSWERS);
            assertThat(MqttPage.shape(answer(client, "status")).keySet())
                    .containsAll(
                            MqttPage.shape(MqttPage.message("getCleanupStatus")).keySet());
            call(client, "{\"call\": \"getCleanupStatus\", \"operation_id\": \"../x\"}", "path", ANSWERS);
            assertThat(answer(client, "path").path("message").textValue()).isEqualTo("there is no VpnCleanup '../x'");
        }
    }

    /** An operator subscribes in its own time, and what is sent before is lost. */
    private static void untilCallsAreTaken(Broker.Listener client, String correlation) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    call(client, "{\"call\": \"getCronJobStatus\"}", correlation, ANSWERS);
                    return answered(client, correlation).isPresent();
                });
    }

    private void label(String name) {
        metadata(name, "labels", "mqtt", "yes");
    }

    /** Whatever the operator writes meanwhile. */
    private void metadata(String name, String field, String key, String value) {
        cluster.admin()
                .resources(VpnInstance.class)
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"" + field + "\": {\"" + key + "\": \"" + value + "\"}}}");
    }

    private static String deleteCall(String name) {
        return "{\"call\": \"delete\", \"instance_name\": \"" + name + "\"}";
    }

    private static void call(Broker.Listener client, String request, String correlation, String answers) {
        client.publish(Mqtt5Publish.builder()
                .topic("ur-vpn/rpc/request")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(request.getBytes(StandardCharsets.UTF_8))
                .responseTopic(answers)
                .correlationData(correlation.getBytes(StandardCharsets.UTF_8))
                .build());
    }

    private static boolean correlates(Mqtt5Publish answer, String correlation) {
        return answer.getCorrelationData()
                .filter(data -> StandardCharsets.UTF_8.decode(data).toString().equals(correlation))
                .isPresent();
    }

    private static long answers(Broker.Listener client, String correlation) {
        return client.heard().stream()
                .filter(one -> correlates(one, correlation))
                .count();
    }

    private static Optional<Mqtt5Publish> answered(Broker.Listener client, String correlation) {
        return client.heard().stream()
                .filter(one -> correlates(one, correlation))
                .findFirst();
    }

    private static JsonNode answer(Broker.Listener client, String correlation) throws IOException {
        eventually(
                () -> assertThat(answered(client, correlation)).as(correlation).isPresent());
        return JSON.readTree(answered(client, correlation).orElseThrow().getPayloadAsBytes());
    }

    @Test
    void whatTheBrokerRefusesIsToldAndHoldsNothingUp() throws Exception {
        cluster.up("forbidden", null);
        delete("forbidden");
        eventually(() -> assertThat(notified("forbidden"))
                .startsWith("False/MessageRefused: ")
                .contains("NOT_AUTHORIZED"));
        assertThat(deliveries("forbidden").getFirst().attempts()).isPositive();
        assertThat(deliveries("forbidden").toString()).doesNotContain("operator's own");
    }
}
