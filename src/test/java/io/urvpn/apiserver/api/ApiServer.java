package io.urvpn.apiserver.api;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One real kube-apiserver with the committed definitions, started by the first test that asks and stopped with the JVM.
 * Its binaries are where {@code KUBE_API_TEST_DIR} says ({@code make test-apiserver} sets it).
 */
public final class ApiServer {
    private static ApiServer running;

    private final KubeAPIServer server;
    private final KubernetesClient admin;

    private ApiServer() {
        server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withOfflineMode(true)
                .withUpdateKubeConfig(false)
                .build());
        server.start();
        admin = client(config());
        committed().forEach(definition -> apply(admin, definition));
        committed()
                .forEach(definition -> admin.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName(definition.getMetadata().getName())
                        .waitUntilCondition(ApiServer::established, 30, TimeUnit.SECONDS));
    }

    /** The server, started where it is not running yet. */
    public static synchronized ApiServer running() {
        if (running == null) {
            running = new ApiServer();
            Runtime.getRuntime().addShutdownHook(new Thread(running.server::stop, "stop-apiserver"));
        }
        return running;
    }

    /** A client that may do everything. */
    public KubernetesClient admin() {
        return admin;
    }

    /** How to reach the server as a user who may do everything. */
    public Config config() {
        return Config.fromKubeconfig(kubeconfig());
    }

    /** The same as a kubeconfig. */
    public String kubeconfig() {
        return server.getKubeConfigYaml();
    }

    /** A client that reads and writes our kinds as the operator and the agent do. */
    public static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
    }

    /** Server-side apply, as {@code kubectl apply --server-side --force-conflicts} does it. */
    public static GenericKubernetesResource apply(KubernetesClient client, GenericKubernetesResource definition) {
        return client.resource(definition)
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager("kubectl")
                                .withForce(true)
                                .build(),
                        definition);
    }

    /** Removes all objects of ours, whatever holds them, so that a test starts with none. */
    void forget() {
        List.of(VpnInstance.class, VpnAttachment.class, VpnCleanup.class, VpnNode.class)
                .forEach(kind -> admin.resources(kind).list().getItems().forEach(object -> {
                    if (!object.getFinalizers().isEmpty()) {
                        admin.resource(object)
                                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
                    }
                    admin.resource(object).delete();
                }));
    }

    /** Puts the committed definition of that name in the place of whatever is stored. */
    static void replace(KubernetesClient client, String name) {
        committed().stream()
                .filter(definition -> definition.getMetadata().getName().equals(name))
                .forEach(definition -> client.resource(definition).update());
    }

    /** The definitions as they are committed, as a client without a model of them sends them. */
    public static List<GenericKubernetesResource> committed() {
        try (Stream<Path> files = Files.list(Path.of("crds"))) {
            return files.sorted().map(ApiServer::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GenericKubernetesResource read(Path file) {
        try {
            return Serialization.kubernetes().unmarshal(Files.readString(file), GenericKubernetesResource.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean established(CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Established".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }
}
