package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An object of a newer version must not stop an informer for all the others. */
class UnknownValuesTest {
    private static final String DEFINITION = "vpninstances.urvpn.io";
    private static final String ALLOW_SSTP = """
            [{"op": "add",
              "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/type/enum/-",
              "value": "SSTP"},
             {"op": "add",
              "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/obfuscation",
              "value": {"type": "string"}}]
            """;

    private final KubernetesClient client = ApiServer.running().admin();

    @BeforeEach
    void aNewerVersionOfTheDefinition() {
        client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(DEFINITION)
                .patch(PatchContext.of(PatchType.JSON), ALLOW_SSTP);
        // the server takes a new schema into use some time after the write
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(KubernetesClientException.class)
                .until(() -> create("newer", "SSTP") != null);
    }

    @AfterEach
    void theVersionOfToday() {
        client.resources(VpnInstance.class).delete();
        ApiServer.replace(client, DEFINITION);
    }

    @Test
    void stopNothingElse() {
        create("before", "WireGuard");
        try (SharedIndexInformer<VpnInstance> informer =
                client.resources(VpnInstance.class).inform()) {
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> informer.getStore().list().size() == 2);
            VpnInstance newer = informer.getStore().getByKey("newer");
            assertThat(newer.getSpec().type()).isNull();
            assertThat(newer.getSpec().configSecretRef().name()).isEqualTo("office");

            create("newer-while-watching", "SSTP");
            create("after", "WireGuard");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> informer.getStore().getByKey("after") != null);
            assertThat(informer.isWatching()).isTrue();
            assertThat(informer.getStore().list()).hasSize(4);
        }
    }

    private GenericKubernetesResource create(String name, String type) {
        String yaml = """
                apiVersion: urvpn.io/v1alpha1
                kind: VpnInstance
                metadata: {name: %s}
                spec: {type: %s, obfuscation: high, configSecretRef: {name: office}, nodeSelector: {}}
                """;
        return client.resource(client.getKubernetesSerialization()
                        .unmarshal(yaml.formatted(name, type), GenericKubernetesResource.class))
                .create();
    }
}
