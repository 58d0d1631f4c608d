package io.urvpn.apiserver.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The chart, installed by helm on the API server, and clients in the names of its accounts. */
final class Installation {
    private static final String RELEASE = "ur-vpn-operator";

    private static Installation current;

    private final ApiServer server;
    private final Path kubeconfig;
    private final List<String> values;

    private Installation(ApiServer server, Path kubeconfig, List<String> values) {
        this.server = server;
        this.values = values;
        this.kubeconfig = kubeconfig;
    }

    /** Installs the chart, or brings an earlier installation to these values. */
    static Installation install(ApiServer server, String... values) throws IOException, InterruptedException {
        if (current != null && current.values.equals(List.of(values))) {
            return current;
        }
        Path kubeconfig = Files.createTempFile("kubeconfig", ".yaml");
        kubeconfig.toFile().deleteOnExit();
        Files.writeString(kubeconfig, server.kubeconfig());
        Installation installation = new Installation(server, kubeconfig, List.of(values));
        List<String> command = new ArrayList<>(List.of("upgrade", RELEASE, Chart.DIRECTORY.toString()));
        // the tests have applied the kinds themselves
        command.addAll(List.of("--install", "--create-namespace", "--take-ownership", "--force-conflicts"));
        for (String value : values) {
            command.addAll(List.of("--set", value));
        }
        Chart.Run run = installation.helm(command);
        assertThat(run.exitCode()).as(run.output()).isZero();
        current = installation;
        return installation;
    }

    Chart.Run uninstall() throws IOException, InterruptedException {
        Chart.Run run = helm(List.of("uninstall", RELEASE));
        current = run.exitCode() == 0 ? null : current;
        return run;
    }

    private Chart.Run helm(List<String> command) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of("--namespace", Chart.NAMESPACE, "--kubeconfig", kubeconfig.toString()));
        return Chart.helm(whole);
    }

    /** A client with a token of the account that is bound to a pod on that node, as the kubelet hands it out. */
    KubernetesClient onNode(String account, String node) {
        return ApiServer.client(configOnNode(account, node));
    }

    /** The same as a configuration. */
    Config configOnNode(String account, String node) {
        server.admin()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .endMetadata()
                        .build())
                .serverSideApply();
        Pod pod = server.admin().resource(pod(account, node)).serverSideApply();
        return config(server.admin()
                .serviceAccounts()
                .inNamespace(Chart.NAMESPACE)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .endBoundObjectRef()
                        .endSpec()
                        .build()));
    }

    /** A client with a token of the account that is bound to nothing. */
    KubernetesClient unbound(String account) {
        return ApiServer.client(config(server.admin()
                .serviceAccounts()
                .inNamespace(Chart.NAMESPACE)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())));
    }

    /** A client of a person with that name, who has what RBAC gives. */
    KubernetesClient person(String name) {
        return ApiServer.client(new ConfigBuilder(server.config())
                .withImpersonateUsername(name)
                .withImpersonateGroups("system:authenticated")
                .build());
    }

    private Config config(TokenRequest token) {
        return new ConfigBuilder(server.config())
                .withClientCertData(null)
                .withClientCertFile(null)
                .withClientKeyData(null)
                .withClientKeyFile(null)
                .withOauthToken(token.getStatus().getToken())
                .build();
    }

    private static Pod pod(String account, String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(account + "-" + node)
                .withNamespace(Chart.NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(account)
                .withNodeName(node)
                .addNewContainer()
                .withName("agent")
                .withImage("docker.io/urvpn/operator:0.2.0")
                .endContainer()
                .endSpec()
                .build();
    }
}
