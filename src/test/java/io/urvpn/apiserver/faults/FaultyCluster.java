package io.urvpn.apiserver.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.ApiServerClient;
import io.urvpn.agent.Agent;
import io.urvpn.agent.AgentSettings;
import io.urvpn.agent.SweepObserver;
import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.apiserver.api.ApiServer;
import io.urvpn.apiserver.operator.FakeKubelets;
import io.urvpn.apiserver.operator.TestCluster;
import io.urvpn.fake.Change;
import io.urvpn.fake.FakeHost;
import io.urvpn.fake.FakeLauncher;
import io.urvpn.host.WireGuardDevices.Peer;
import io.urvpn.notify.metrics.AgentMetrics;
import io.urvpn.notify.metrics.ApiRequestCounter;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.notify.metrics.NodeView;
import io.urvpn.notify.metrics.OperatorMetrics;
import io.urvpn.operator.OperatorSettings.LeaderElection;
import io.urvpn.operator.VpnOperator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A real API server, the real operator and real agents, each behind a {@link FaultProxy}; nodes are in memory, the kubelets and
 * the DaemonSet controller are played and see the API server as it is.
 */
public final class FaultyCluster implements AutoCloseable {
    private final KubernetesClient admin = ApiServer.running().admin();
    private final String namespace = "f-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Runnable> opened = new ArrayList<>();
    private final Map<VpnOperator, Runnable> operators = new ConcurrentHashMap<>();
    private final Map<String, FakeHost> hosts = new HashMap<>();
    private final Map<String, FakeLauncher> launchers = new ConcurrentHashMap<>();
    /** Pods that were ever permitted, and their instance. */
    private final Map<String, String> permitted = new ConcurrentHashMap<>();

    private final AtomicInteger pids = new AtomicInteger(1000);
    private final KubernetesClient kubelet;
    private final SharedIndexInformer<Pod> pods;
    private final FakeKubelets daemonSets;
    private final Clock clock;

    /** @param clock what operators and agents take for the time */
    FaultyCluster(Clock clock) {
        this.clock = clock;
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
        kubelet = ApiServer.client(ApiServer.running().config());
        daemonSets = new FakeKubelets(kubelet, namespace);
        // it makes the pods; their end is played here, with their processes
        daemonSets.podsHang(true);
        pods = kubelet.pods().inNamespace(namespace).inform(new Kubelets());
    }

    public FaultyCluster() {
        this(Clock.systemUTC());
    }

    /** With all rights. */
    public KubernetesClient admin() {
        return admin;
    }

    String namespace() {
        return namespace;
    }

    /** A way to the API server that can be made a bad one. */
    FaultProxy proxy(long seed) {
        FaultProxy proxy = new FaultProxy(ApiServer.running().config(), seed);
        opened.add(proxy::close);
        return proxy;
    }

    private KubernetesClient client(FaultProxy proxy) {
        KubernetesClient client = ApiServerClient.of(proxy.config());
        opened.add(client::close);
        return client;
    }

    /** Starts an operator behind this proxy. */
    VpnOperator operator(FaultProxy proxy, Optional<LeaderElection> election, Runnable whenLost) {
        VpnOperator operator =
                new VpnOperator(client(proxy), TestCluster.settings(namespace, election), clock, whenLost);
        operators.put(operator, operator::close);
        operator.start();
        return operator;
    }

    /** Starts an operator that tells what it does and knows, on a good way to the API server. */
    public void operator(LeaderElection election, Measurements measurements) {
        VpnOperator operator = new VpnOperator(
                measured(measurements),
                TestCluster.settings(namespace, Optional.of(election)),
                clock,
                () -> {},
                new OperatorMetrics(measurements));
        operators.put(operator, operator::close);
        operator.start();
    }

    private KubernetesClient measured(Measurements measurements) {
        KubernetesClient client =
                ApiServerClient.of(ApiServer.running().config(), List.of(new ApiRequestCounter(measurements)));
        opened.add(client::close);
        return client;
    }

    /** Ends an operator; what it had begun stays as it is. */
    void end(VpnOperator operator) {
        operators.remove(operator).run();
    }

    /** Adds a node with its agent behind this proxy. */
    FakeHost node(String name, FaultProxy proxy) {
        return node(name, client(proxy), (took, seen) -> {}, agent -> {});
    }

    /** Adds a node with its agent, which tells what it does and knows, on a good way to the API server. */
    public FakeHost node(String name, Measurements measurements) {
        AgentMetrics metrics = new AgentMetrics(measurements);
        return node(name, measured(measurements), metrics::swept, agent -> metrics.of(view(agent)));
    }

    private static NodeView view(Agent agent) {
        return new NodeView() {
            @Override
            public void attachments(BiConsumer<VpnAttachment, VpnAttachmentStatus> each) {
                agent.attachments(each);
            }

            @Override
            public Optional<Sweep> sweep() {
                return agent.lastSweep();
            }
        };
    }

    private FakeHost node(String name, KubernetesClient client, SweepObserver sweeps, Consumer<Agent> made) {
        FakeHost host = bareNode(name);
        Agent agent = new Agent(
                client,
                host,
                new AgentSettings(
                        name,
                        "0.1.0",
                        Path.of("/var/lib/ur-vpn"),
                        Path.of("/run/ur-vpn"),
                        200,
                        20000,
                        29999,
                        Duration.ofSeconds(30),
                        AgentSettings.Timing.DEFAULT),
                clock,
                sweeps);
        made.accept(agent);
        opened.add(agent::close);
        agent.start();
        await().atMost(Duration.ofSeconds(20)).until(agent::ready);
        return host;
    }

    /** Adds a node on which no agent runs. */
    public FakeHost bareNode(String name) {
        FakeHost host = FakeHost.of("machine boot boot-" + name + " tun nftables");
        hosts.put(name, host);
        admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pool", namespace)
                        .endMetadata()
                        .build())
                .create();
        // admission taints a new node as not ready, as no kubelet has reported yet
        admin.nodes().withName(name).edit(node -> {
            node.getSpec().setTaints(List.of());
            return node;
        });
        return host;
    }

    FakeHost host(String node) {
        return hosts.get(node);
    }

    /** Creates an instance for all nodes, with a key for each. */
    public VpnInstance create(String name) {
        Map<String, String> configurations = new HashMap<>();
        int key = 0;
        for (String node : hosts.keySet()) {
            configurations.put(node + ".conf", TestCluster.configuration(key++ % 3));
        }
        admin.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(configurations)
                        .build())
                .create();
        VpnInstance instance = new VpnInstance();
        instance.getMetadata().setName(name);
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference(name))
                .nodeSelector(Map.of("pool", namespace))
                .masquerade(true)
                .routes(List.of(new TunnelRoute("10.20.0.0/16", null)))
                .cleanup(CleanupPolicyBuilder.builder()
                        .verificationDelaySeconds(0)
                        .retryBackoffSeconds(1)
                        .blockedRetrySeconds(1)
                        .disconnectTimeoutSeconds(1)
                        .build())
                .build());
        return admin.resource(instance).create();
    }

    /** True where the instance is up on all of its nodes. */
    boolean ready(String name) {
        VpnInstance instance = admin.resources(VpnInstance.class).withName(name).get();
        return instance.getStatus() != null
                && instance.getStatus().nodes() != null
                && instance.getStatus().nodes().ready() == hosts.size();
    }

    /** Until these are up on all nodes. */
    public void up(List<String> names) {
        await("up: " + names)
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> names.stream().allMatch(this::ready));
    }

    /** Until these are gone. */
    public void gone(List<String> names, Duration limit) {
        await("gone: " + names)
                .atMost(limit)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(
                                admin.resources(VpnInstance.class).list().getItems())
                        .extracting(instance -> instance.getMetadata().getName())
                        .doesNotContainAnyElementsOf(names));
    }

    List<VpnCleanup> cleanups(String instanceUid) {
        return admin.resources(VpnCleanup.class).list().getItems().stream()
                .filter(cleanup -> cleanup.getSpec().instance().uid().equals(instanceUid))
                .toList();
    }

    /**
     * What is of this instance on a node, but for the record of its detachment and for pods that never had a permit, which
     * have done nothing.
     */
    List<String> traces(String node, String instanceUid) {
        return hosts.get(node)
                .toString()
                .lines()
                .filter(line -> line.contains(instanceUid.substring(0, 8)) || line.contains(" pod "))
                .filter(line -> !line.contains("/registry/"))
                .filter(line -> !isOfPod(line) || isOfPermitted(line, instanceUid))
                .toList();
    }

    private static boolean isOfPod(String line) {
        return line.startsWith("process ") || line.contains("/request ");
    }

    private boolean isOfPermitted(String line, String instanceUid) {
        return permitted.entrySet().stream()
                .anyMatch(pod -> pod.getValue().equals(instanceUid) && line.contains(pod.getKey()));
    }

    private static Path permitOf(String instanceUid) {
        return Path.of("/run/ur-vpn", instanceUid, "permit");
    }

    static String interfaceOf(String instanceUid) {
        return "urv" + instanceUid.substring(0, 8);
    }

    /** Starts the processes of a pod that came, and ends those of one that is to go before its object goes. */
    private final class Kubelets implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            String uid = pod.getMetadata().getUid();
            FakeHost host = hosts.get(pod.getSpec().getNodeName());
            String instance = pod.getMetadata().getLabels().get(Names.LABEL_INSTANCE_UID);
            if (host == null || instance == null || launchers.containsKey(uid)) {
                return;
            }
            synchronized (host) {
                host.runs((node, change) -> permit(node, instance, change));
                launchers.put(uid, FakeLauncher.start(host, instance, uid, interfaceOf(instance), pids.getAndAdd(50)));
                host.runs((node, change) -> greet(node, instance, change));
            }
        }

        private void permit(FakeHost node, String instance, Change change) {
            if (change instanceof Change.Written(Path path) && path.equals(permitOf(instance))) {
                permitted.put(
                        new String(node.files().read(path).orElseThrow(), StandardCharsets.UTF_8).strip(), instance);
            }
        }

        /** The peer answers once there is an interface. */
        private void greet(FakeHost node, String instance, Change change) {
            String interfaceName = interfaceOf(instance);
            if (change instanceof Change.Written(Path path)
                    && path.equals(permitOf(instance))
                    && node.links().named(interfaceName).isPresent()) {
                node.wireGuard()
                        .set(
                                interfaceName,
                                new Peer("KEY=", "192.0.2.1:51820", Optional.of(Instant.now(clock)), 1, 1, 25));
            }
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            if (pod.isMarkedForDeletion()) {
                FakeLauncher launcher = launchers.remove(pod.getMetadata().getUid());
                if (launcher != null) {
                    FakeHost host = hosts.get(pod.getSpec().getNodeName());
                    synchronized (host) {
                        launcher.end(host);
                    }
                }
                kubelet.resource(pod).withGracePeriod(0).delete();
            }
        }

        @Override
        public void onDelete(Pod pod, boolean unknown) {
            // its processes ended before
        }
    }

    @Override
    public void close() {
        operators.values().forEach(Runnable::run);
        opened.reversed().forEach(Runnable::run);
        pods.stop();
        daemonSets.close();
        kubelet.close();
        admin.resources(VpnInstance.class).list().getItems().forEach(this::tearAway);
        admin.resources(VpnAttachment.class).list().getItems().forEach(this::tearAway);
        admin.resources(VpnCleanup.class).list().getItems().forEach(this::tearAway);
        admin.resources(VpnNode.class).delete();
        admin.nodes().delete();
    }

    private void tearAway(HasMetadata object) {
        admin.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        admin.resource(object).delete();
    }
}
