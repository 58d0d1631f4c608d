package io.urvpn.unit.cli;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.cli.KubectlVpn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import picocli.CommandLine;

/** The plugin's command line against a server in memory that keeps objects, and answers otherwise where a test says so. */
final class Plugin implements AutoCloseable {
    /** What a command printed, and how it ended. */
    record Run(int exit, String out, String err) {}

    final KubernetesMockServer server;
    private final KubernetesClient client;
    private final Path kubeconfig;
    private String uid = Cluster.UID;

    Plugin(Path directory) {
        Map<ServerRequest, Queue<ServerResponse>> answers = new HashMap<>();
        server = new KubernetesMockServer(
                new Context(), new MockWebServer(), answers, new KubernetesMixedDispatcher(answers), false);
        server.init();
        client = new KubernetesClientBuilder()
                .withConfig(server.createClient().getConfiguration())
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
        try {
            kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: here, cluster: {server: "%s"}}]
                users: [{name: jane, user: {token: secret}}]
                contexts: [{name: here, context: {cluster: here, user: jane}}]
                current-context: here
                """.formatted(server.url("/")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts objects there, with their status. What names the instance follows it: the server gives it a uid of its own. */
    void there(HasMetadata... objects) {
        Arrays.stream(objects).forEach(object -> {
            HasMetadata named = client.getKubernetesSerialization()
                    .unmarshal(
                            client.getKubernetesSerialization().asJson(object).replace(Cluster.UID, uid),
                            object.getClass());
            HasMetadata stored = client.resource(named).create();
            client.resource(named).updateStatus();
            if (object instanceof VpnInstance) {
                uid = stored.getMetadata().getUid();
            }
        });
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return client.resources(kind).list().getItems();
    }

    Run run(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--kubeconfig", kubeconfig.toString()));
        return execute(all);
    }

    /** What is proposed for words of which the last is being typed. */
    List<String> complete(String... words) {
        List<String> all = new ArrayList<>(List.of("__complete", "--", "--kubeconfig", kubeconfig.toString()));
        all.addAll(Arrays.asList(words));
        return execute(all).out().lines().toList();
    }

    private static Run execute(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = arguments.toArray(String[]::new);
        CommandLine line =
                KubectlVpn.commandLine(words).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exit = line.execute(words);
        return new Run(exit, out.toString(), err.toString());
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
