package io.urvpn.apiserver.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.ReleaseWhen;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.apiserver.api.ApiServer;
import io.urvpn.operator.OperatorSettings;
import io.urvpn.operator.VpnOperator;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.awaitility.core.ThrowingRunnable;

/**
 * A control plane with nodes that are played, and the real operator. Each has a namespace and node labels of its own, so
 * that tests share one API server; its operator sees the others' instances, so one runs at a time.
 */
public final class TestCluster implements AutoCloseable {
    private final KubernetesClient admin;
    private final String namespace;
    private final Requests requests = new Requests();
    private final UnaryOperator<OperatorSettings> settings;
    private KubernetesClient operatorClient;
    private VpnOperator operator;
    private final FakeAgents agents;
    private final FakeKubelets kubelets;

    public TestCluster() {
        this(UnaryOperator.identity());
    }

    /** With an operator whose settings are what this makes of the usual ones. */
    public TestCluster(UnaryOperator<OperatorSettings> settings) {
        this.settings = settings;
        ApiServer server = ApiServer.running();
        admin = server.admin();
        namespace = "t-" + UUID.randomUUID().toString().substring(0, 8);
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        admin.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("ur-vpn-runtime")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        // as the chart installs it, to be filled by the operator
        secret("ur-vpn-digest-key", Map.of());
        agents = new FakeAgents(ApiServer.client(server.config()), namespace);
        kubelets = new FakeKubelets(ApiServer.client(server.config()), namespace);
        startOperator();
    }

    /** Starts an operator; the one before it must have been stopped. */
    public void startOperator() {
        startOperator(Clock.systemUTC());
    }

    /** The same, one that lives at another time. */
    public void startOperator(Clock clock) {
        operatorClient = requests.client(ApiServer.running().config());
        operator =
                new VpnOperator(operatorClient, settings.apply(settings(namespace, Optional.empty())), clock, () -> {});
        operator.start();
    }

    /** Stops the operator; what it had begun stays as it is. */
    public void stopOperator() {
        operator.close();
        operatorClient.close();
    }

    /** What the operator asked the API server, and what was answered. */
    public Requests requests() {
        return requests;
    }

    /** Settings of an operator in this namespace. */
    public static OperatorSettings settings(String namespace, Optional<OperatorSettings.LeaderElection> election) {
        CleanupPolicy defaults =
                new CleanupPolicy(0, 3, 1, 60, 5, 300, "5m", ReleaseWhen.NEVER, VerifyPolicy.ALL, 604800);
        return new OperatorSettings(
                namespace,
                "docker.io/urvpn/runtime:0.1.0",
                List.of(),
                Optional.empty(),
                "/run/ur-vpn",
                defaults,
                true,
                Duration.ZERO,
                false,
                8,
                election,
                Optional.empty());
    }

    public KubernetesClient admin() {
        return admin;
    }

    public String namespace() {
        return namespace;
    }

    public VpnOperator operator() {
        return operator;
    }

    public FakeAgents agents() {
        return agents;
    }

    public FakeKubelets kubelets() {
        return kubelets;
    }

    /** Adds a node with the label {@code pool=<namespace>}, and its agent. */
    public void node(String name) {
        admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pool", namespace)
                        .endMetadata()
                        .build())
                .create();
        // admission taints a new node as not ready, as no kubelet has reported yet
        admin.nodes().withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"taints\":null}}");
        agents.register(name);
    }

    /** A WireGuard configuration; each number has a private key of its own, which is nobody's. */
    public static String configuration(int number) {
        return "[Interface]\nPrivateKey = " + key(number) + "\nAddress = 10.99." + (number + 2) / 256 + "."
                + (number + 2) % 256 + "/16\n[Peer]\nPublicKey = " + key(number + 1) + "\nAllowedIPs = 10.99.0.0/16\n";
    }

    private static String key(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) 0x42);
        ByteBuffer.wrap(bytes).putInt(8, number);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Creates a Secret with these keys. */
    public void secret(String name, Map<String, String> data) {
        admin.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .create();
    }

    /** A WireGuard instance for all nodes of this cluster. */
    public VpnInstance instance(String name, String secret) {
        VpnInstance instance = new VpnInstance();
        instance.getMetadata().setName(name);
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference(secret))
                .nodeSelector(Map.of("pool", namespace))
                .build());
        return instance;
    }

    /** A WireGuard instance for all nodes of this cluster that cleans up like this. */
    public VpnInstance instance(String name, String secret, CleanupPolicy cleanup) {
        VpnInstance instance = instance(name, secret);
        instance.setSpec(VpnInstanceSpecBuilder.builder(instance.getSpec())
                .cleanup(cleanup)
                .build());
        return instance;
    }

    /** Two nodes, a key for each, and an instance that is up on both and has its pods there. */
    public VpnInstance up(String name, CleanupPolicy cleanup) {
        node("node-1");
        node("node-2");
        secret(name, Map.of("node-1.conf", configuration(0), "node-2.conf", configuration(1)));
        VpnInstance created = admin.resource(instance(name, name, cleanup)).create();
        eventually(() -> assertThat(condition(name, "Ready")).isEqualTo("True/Up"));
        // an agent here is up without its pod
        eventually(() -> assertThat(admin.pods()
                        .inNamespace(namespace)
                        .withLabel(
                                Names.LABEL_INSTANCE_UID, created.getMetadata().getUid())
                        .list()
                        .getItems())
                .hasSizeGreaterThanOrEqualTo(2));
        return created;
    }

    /** Within 20 seconds. */
    public static void eventually(ThrowingRunnable assertion) {
        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    /** Until the instance is gone. */
    public void gone(String name) {
        eventually(() -> assertThat(instance(name)).isEmpty());
    }

    /** Sets or, with {@code null}, takes away the label of a node. */
    public void label(String node, String value) {
        admin.nodes().withName(node).edit(found -> {
            if (value == null) {
                found.getMetadata().getLabels().remove("pool");
            } else {
                found.getMetadata().getLabels().put("pool", value);
            }
            return found;
        });
    }

    public Optional<VpnInstance> instance(String name) {
        return Optional.ofNullable(
                admin.resources(VpnInstance.class).withName(name).get());
    }

    /** The condition of an instance as {@code Status/Reason}; empty where there is none. */
    public String condition(String name, String type) {
        return instance(name)
                .map(VpnInstance::getStatus)
                .flatMap(status -> status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst())
                .map(condition -> condition.getStatus() + "/" + condition.getReason())
                .orElse("");
    }

    /** Message of a condition; empty where there is none. */
    public String message(String name, String type) {
        return instance(name)
                .map(VpnInstance::getStatus)
                .flatMap(status -> status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst())
                .map(Condition::getMessage)
                .orElse("");
    }

    public List<VpnAttachment> attachments(String instanceName) {
        return admin.resources(VpnAttachment.class).list().getItems().stream()
                .filter(attachment -> attachment.getSpec().instance().name().equals(instanceName))
                .toList();
    }

    public List<VpnCleanup> cleanups(String instanceName) {
        return admin.resources(VpnCleanup.class).list().getItems().stream()
                .filter(cleanup -> cleanup.getSpec().instance().name().equals(instanceName))
                .toList();
    }

    /** Reasons of the Events that the operator wrote on objects of that name, in their order; each for itself. */
    public List<String> events(String regarding) {
        return admin.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> "urvpn.io/operator".equals(event.getReportingController()))
                .filter(event -> regarding.equals(event.getRegarding().getName()))
                .sorted(Comparator.comparing(event -> event.getEventTime().getTime()))
                .map(Event::getReason)
                .toList();
    }

    /** Ends operator and players; what they left in the API server that others would see is removed. */
    @Override
    public void close() {
        stopOperator();
        agents.close();
        kubelets.close();
        admin.resources(VpnInstance.class).list().getItems().forEach(this::tearAway);
        admin.resources(VpnAttachment.class).list().getItems().forEach(this::tearAway);
        admin.resources(VpnCleanup.class).list().getItems().forEach(this::tearAway);
        admin.resources(VpnNode.class).delete();
        admin.nodes().delete();
        admin.events().v1().events().inNamespace("default").delete();
    }

    /** Takes an object away whatever its finalizers say. */
    public void tearAway(HasMetadata object) {
        admin.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        admin.resource(object).delete();
    }
}
