package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.operator.OperatorSettingsBuilder;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each field of {@code spec.cleanup}: what the instance says goes, where it is silent the operator's setting. */
class CleanupPolicyFieldsTest {
    /** None is what the product has by itself. */
    private static final CleanupPolicy OF_THE_OPERATOR =
            new CleanupPolicy(1, 7, 11, 61, 6, 301, "6m", ReleaseWhen.NODE_LOST, VerifyPolicy.ALL, 604799);

    private static final ObjectMapper JSON = Serialization.mapper();

    /** For each field a value that is not the operator's, as JSON; a path where it stands below {@code verify}. */
    private static final Map<String, String> WRITTEN = Map.ofEntries(
            Map.entry("verificationDelaySeconds", "2"),
            Map.entry("maxRetryAttempts", "9"),
            Map.entry("retryBackoffSeconds", "12"),
            Map.entry("timeoutSeconds", "62"),
            Map.entry("disconnectTimeoutSeconds", "7"),
            Map.entry("blockedRetrySeconds", "302"),
            Map.entry("nodeLostAfter", "\"1h7m\""),
            Map.entry("releaseWhen", "\"NodeLostOrFailed\""),
            Map.entry("ttlSecondsAfterFinished", "604798"),
            Map.entry("verify.threadProcesses", "false"),
            Map.entry("verify.routingTable", "false"),
            Map.entry("verify.vpnInterfaces", "false"),
            Map.entry("verify.configurationFiles", "false"));

    private TestCluster cluster;

    private void start(CleanupPolicy defaults) {
        cluster = new TestCluster(settings ->
                OperatorSettingsBuilder.builder(settings).cleanup(defaults).build());
        cluster.node("node-1");
        cluster.secret("fields", Map.of("node-1.conf", TestCluster.configuration(0)));
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void eachFieldThereIsIsTriedHere() {
        Stream<String> fields = Arrays.stream(CleanupPolicy.class.getRecordComponents())
                .map(RecordComponent::getName)
                .filter(name -> !name.equals("verify"));
        Stream<String> checks = Arrays.stream(VerifyPolicy.class.getRecordComponents())
                .map(component -> "verify." + component.getName());
        assertThat(WRITTEN.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(fields, checks).toList());
    }

    /** The policy with this one field written over. */
    private static CleanupPolicy with(CleanupPolicy policy, String field) {
        try {
            ObjectNode tree = JSON.valueToTree(policy);
            String[] path = field.split("\\.");
            ObjectNode at = path.length == 1 ? tree : tree.withObjectProperty(path[0]);
            at.set(path[path.length - 1], JSON.readTree(WRITTEN.get(field)));
            return JSON.treeToValue(tree, CleanupPolicy.class);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void up(String name, CleanupPolicy written) {
        cluster.admin().resource(cluster.instance(name, "fields", written)).create();
    }

    private void delete(String name) {
        cluster.admin().resources(VpnInstance.class).withName(name).delete();
    }

    /** In the operation, and in the order that the agent acts by. */
    private void cleansBy(String name, CleanupPolicy expected) {
        eventually(() -> assertThat(cluster.cleanups(name))
                .as("operation of %s", name)
                .singleElement()
                .satisfies(cleanup -> assertThat(cleanup.getSpec().policy()).isEqualTo(expected)));
        eventually(() -> assertThat(cluster.attachments(name))
                .as("order of %s", name)
                .singleElement()
                .satisfies(attachment ->
                        assertThat(attachment.getSpec().detach().policy()).isEqualTo(expected)));
    }

    private Outcome outcome(String name) {
        return cluster.cleanups(name).getFirst().getStatus().nodes().getFirst().outcome();
    }

    @Test
    void eachFieldOfAnInstanceReachesTheOperationAndTheOrderAndTheOthersAreTheOperators() {
        start(OF_THE_OPERATOR);
        Map<String, String> names = new LinkedHashMap<>();
        WRITTEN.keySet().forEach(field -> names.put(field, field.toLowerCase(Locale.ROOT)));
        names.forEach(
                (field, name) -> up(name, with(CleanupPolicyBuilder.builder().build(), field)));
        up("silent", null);
        names.values()
                .forEach(name -> eventually(
                        () -> assertThat(cluster.condition(name, "Ready")).isEqualTo("True/Up")));
        eventually(() -> assertThat(cluster.condition("silent", "Ready")).isEqualTo("True/Up"));

        cluster.kubelets().podsHang(true);
        names.values().forEach(this::delete);
        delete("silent");
        names.forEach((field, name) -> cleansBy(name, with(OF_THE_OPERATOR, field)));
        cleansBy("silent", OF_THE_OPERATOR);

        cluster.kubelets().podsHang(false);
        names.forEach((field, name) -> {
            cluster.gone(name);
            assertThat(outcome(name))
                    .as(field)
                    .isEqualTo(field.startsWith("verify.") ? Outcome.VERIFIED_IN_PART : Outcome.VERIFIED);
        });
        cluster.gone("silent");
        assertThat(outcome("silent")).isEqualTo(Outcome.VERIFIED);
    }

    @Test
    void aCheckThatTheOperatorLeavesOutEndsInPartWhereTheInstanceDoesNotAskForIt() {
        CleanupPolicy partly = CleanupPolicyBuilder.builder(OF_THE_OPERATOR)
                .verify(new VerifyPolicy(true, false, true, true))
                .build();
        start(partly);
        up("part", null);
        up("whole", CleanupPolicyBuilder.builder().verify(VerifyPolicy.ALL).build());
        eventually(() -> assertThat(cluster.condition("part", "Ready")).isEqualTo("True/Up"));
        eventually(() -> assertThat(cluster.condition("whole", "Ready")).isEqualTo("True/Up"));
        delete("part");
        delete("whole");
        cluster.gone("part");
        cluster.gone("whole");
        assertThat(outcome("part")).isEqualTo(Outcome.VERIFIED_IN_PART);
        assertThat(outcome("whole")).isEqualTo(Outcome.VERIFIED);
        assertThat(cluster.cleanups("part").getFirst().getSpec().policy()).isEqualTo(partly);
    }
}
