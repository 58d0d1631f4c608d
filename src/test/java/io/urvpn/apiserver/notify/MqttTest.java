package io.urvpn.apiserver.notify;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
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
import io.urvpn.operator.OperatorSettingsBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Mosquitto delivers, with TLS and a password, when the operator and the broker are there and when they are not. */
class MqttTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INITIAL = "cleanup_tracking";

    @TempDir
    private Path directory;

    private Broker broker;
    private DeafProxy proxy;
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        broker = new Broker(directory);
        proxy = new DeafProxy(broker.tlsPort());
        cluster = new TestCluster(settings -> OperatorSettingsBuilder.builder(settings)
                .mqtt(Optional.of(broker.settings(proxy.port())))
                .build());
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        proxy.close();
        broker.stop();
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
            cluster.admin()
                    .resources(VpnInstance.class)
                    .withName("test-instance")
                    .edit(instance -> {
                        instance.getMetadata()
                                .setAnnotations(Map.of("urvpn.io/legacy-instance-name", "test_instance/+#"));
                        return instance;
                    });
            VpnCleanup cleanup = delete("test-instance");
            delivered("test-instance", DeliveryKind.INITIAL, DeliveryKind.VERIFICATION);

            assertThat(listener.heard())
                    .hasSize(2)
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
            assertThat(notified("test-instance")).startsWith("True/Acknowledged");
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
            assertThat(notified("away")).startsWith("True/Acknowledged");
        }
    }

    @Test
    void anOperatorThatEndsBeforeTheAcknowledgementSendsAgain() throws Exception {
        try (Broker.Listener listener = broker.listener("ur-vpn/twice/#")) {
            cluster.up("twice", null);
            proxy.deaf(true);
            delete("twice");
            eventually(() -> assertThat(listener.texts()).hasSize(1));
            cluster.stopOperator();
            assertThat(deliveries("twice"))
                    .hasSize(2)
                    .allSatisfy(one -> assertThat(one.state()).isEqualTo(DeliveryState.PENDING));

            proxy.deaf(false);
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
