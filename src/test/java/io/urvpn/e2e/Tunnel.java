package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NotReadyNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A VpnInstance with its Secret, as a user has them. */
final class Tunnel {
    static final List<String> NODES = List.of("n1", "n2");

    private static final SecureRandom RANDOM = new SecureRandom();

    final String name;
    private final String type;
    private String appliedUid;
    private final Map<String, String> secret = new HashMap<>();
    private String nodeSelector = "{}";
    private String cleanup = "{verificationDelaySeconds: 1}";
    private String extra = "";
    private String routes =
            "[{destination: 10.200.0.0/24}, {destination: 10.201.0.1/32}, {destination: 'fd00:200::/64'}]";

    private Tunnel(String name, String type) {
        this.name = name;
        this.type = type;
    }

    /** A WireGuard tunnel to the peer with one key for each node. */
    static Tunnel named(String name) {
        return new Tunnel(name, "WireGuard").configured("wireguard");
    }

    /** An OpenVPN tunnel to the peer with one certificate for each node. */
    static Tunnel openVpn(String name) {
        return new Tunnel(name, "OpenVPN")
                .configured("openvpn")
                .routes("[{destination: 10.210.0.0/24}, {destination: 10.211.0.0/24}, {destination: 'fd00:210::/64'}]");
    }

    /** An IPsec tunnel to the peer with one secret for each node. */
    static Tunnel ipsec(String name) {
        return new Tunnel(name, "IPsec")
                .configured("ipsec")
                .routes("[{destination: 10.220.0.0/24}, {destination: 10.221.0.0/24}, {destination: 'fd00:220::/64'}]");
    }

    /** A WireGuard tunnel to the peer for which each node makes its own key; the Secret has one configuration for all. */
    static Tunnel generated(String name) {
        Tunnel tunnel = new Tunnel(name, "WireGuard");
        String ofOneNode = CLUSTER.script("peer", "config", "n1", "wireguard");
        tunnel.secret.put("wg.conf", ofOneNode.replaceAll("(?m)^(PrivateKey|Address) = .*\n", ""));
        return tunnel.with("identity: GeneratePerNode").with("addressPool: [10.200.0.128/25, 'fd00:200::1:0/112']");
    }

    private Tunnel configured(String peerType) {
        NODES.forEach(node -> secret.put(node + ".conf", CLUSTER.script("peer", "config", node, peerType)));
        return this;
    }

    /** A tunnel with keys of its own to a peer that is not there. */
    static Tunnel unanswered(String name, int subnet) {
        Tunnel tunnel = new Tunnel(name, "WireGuard");
        NODES.forEach(node -> tunnel.secret.put(
                node + ".conf",
                unanswered("10.212.%d.%s/32".formatted(subnet, node.substring(1)), "10.213." + subnet + ".0/24")));
        return tunnel.routes("[{destination: 10.213." + subnet + ".0/24}]");
    }

    /** A configuration with a new key, for a peer that is not there. */
    static String unanswered(String address, String allowed) {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        return """
                [Interface]
                PrivateKey = %s
                Address = %s
                [Peer]
                PublicKey = 6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=
                Endpoint = 192.0.2.1:51820
                AllowedIPs = %s
                """.formatted(Base64.getEncoder().encodeToString(key), address, allowed);
    }

    Tunnel onlyOn(String node) {
        nodeSelector = "{kubernetes.io/hostname: " + node + "}";
        return this;
    }

    Tunnel selecting(String labels) {
        nodeSelector = labels;
        return this;
    }

    Tunnel cleanup(String flow) {
        cleanup = flow;
        return this;
    }

    Tunnel routes(String flow) {
        routes = flow;
        return this;
    }

    Tunnel with(String line) {
        extra += "\n  " + line;
        return this;
    }

    Tunnel secret(Map<String, String> keys) {
        secret.clear();
        secret.putAll(keys);
        return this;
    }

    Tunnel applySecret() {
        CLUSTER.client
                .secrets()
                .inNamespace(NAMESPACE)
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withStringData(secret)
                        .build())
                .forceConflicts()
                .serverSideApply();
        return this;
    }

    String yaml() {
        return """
                apiVersion: urvpn.io/v1alpha1
                kind: VpnInstance
                metadata:
                  name: %s
                spec:
                  type: %s
                  configSecretRef: {name: %s}
                  nodeSelector: %s
                  routes: %s
                  cleanup: %s%s
                """.formatted(name, type, name, nodeSelector, routes, cleanup, extra);
    }

    Tunnel apply() {
        applySecret();
        Cluster.Result result = CLUSTER.apply(yaml());
        assertThat(result.exit()).as(result.out()).isZero();
        appliedUid = uid();
        return this;
    }

    /** All is set on its nodes, and its peer is waited for: as far as an {@link #unanswered} tunnel comes. */
    Tunnel inPlace() {
        CLUSTER.kubectl(
                "wait",
                "vpn/" + name,
                "--for=jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=WaitingForHandshake",
                "--timeout=60s");
        return this;
    }

    Tunnel ready() {
        CLUSTER.kubectl("wait", "vpn/" + name, "--for=condition=Ready", "--timeout=60s");
        return this;
    }

    /** As kubectl does it: returns when the object is gone. */
    Duration delete() {
        long started = System.nanoTime();
        CLUSTER.kubectl("delete", "vpninstance", name, "--timeout=120s");
        return Duration.ofNanos(System.nanoTime() - started);
    }

    void beginDelete() {
        CLUSTER.kubectl("delete", "vpninstance", name, "--wait=false");
    }

    /** Removes what a test left; for use after a test, whatever became of it. */
    void remove() {
        CLUSTER.kubectl("delete", "vpninstance", name, "--ignore-not-found", "--timeout=120s");
        CLUSTER.kubectl("delete", "secret", name, "-n", NAMESPACE, "--ignore-not-found");
    }

    Optional<VpnInstance> find() {
        return Optional.ofNullable(
                CLUSTER.client.resources(VpnInstance.class).withName(name).get());
    }

    VpnInstance get() {
        return find().orElseThrow();
    }

    String uid() {
        return get().getMetadata().getUid();
    }

    String link() {
        return get().getStatus().interfaceName();
    }

    List<VpnAttachment> attachments() {
        return CLUSTER.client
                .resources(VpnAttachment.class)
                .withLabel(Names.LABEL_INSTANCE_UID, uid())
                .list()
                .getItems();
    }

    /** True where the attachment of that node says that the tunnel carries traffic. */
    boolean readyOn(String node) {
        VpnAttachmentStatus status = attachment(node).getStatus();
        return status != null
                && status.conditions() != null
                && status.conditions().stream()
                        .anyMatch(c -> Reasons.READY.equals(c.getType()) && "True".equals(c.getStatus()));
    }

    VpnAttachment attachment(String node) {
        return attachments().stream()
                .filter(attachment -> attachment.getSpec().nodeName().equals(node))
                .findFirst()
                .orElseThrow();
    }

    /** The operation under way or the last one, of the instance as it was applied. */
    Optional<VpnCleanup> operation() {
        return operationsOf(appliedUid).stream()
                .max((a, b) -> a.getSpec().requestedAt().compareTo(b.getSpec().requestedAt()));
    }

    /** Every operation of the instance of that uid. */
    static List<VpnCleanup> operationsOf(String uid) {
        return CLUSTER.client.resources(VpnCleanup.class).list().getItems().stream()
                .filter(cleanup -> cleanup.getSpec().instance().uid().equals(uid))
                .toList();
    }

    /** What {@link #operation} says of a node. */
    NodeCleanup cleanupOn(String node) {
        return operation().orElseThrow().getStatus().nodes().stream()
                .filter(one -> one.node().equals(node))
                .findFirst()
                .orElseThrow();
    }

    Optional<Condition> condition(String conditionType) {
        return find().map(VpnInstance::getStatus)
                .flatMap(status -> Optional.ofNullable(status.conditions()))
                .flatMap(all -> all.stream()
                        .filter(c -> c.getType().equals(conditionType))
                        .findFirst());
    }

    /** Nodes that are not ready, as the status names them. */
    List<NotReadyNode> notReady() {
        return find().map(VpnInstance::getStatus)
                .map(VpnInstanceStatus::notReady)
                .orElse(List.of());
    }

    /** Waits until a condition has that status and reason, and returns its message. */
    String awaitCondition(String conditionType, String status, String reason) {
        await("%s=%s reason=%s of %s".formatted(conditionType, status, reason, name))
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(condition(conditionType)).hasValueSatisfying(condition -> {
                    assertThat(condition.getStatus()).isEqualTo(status);
                    assertThat(condition.getReason()).isEqualTo(reason);
                }));
        return condition(conditionType).orElseThrow().getMessage();
    }

    List<Pod> pods() {
        return CLUSTER.client
                .pods()
                .inNamespace(NAMESPACE)
                .withLabel(Names.LABEL_INSTANCE_UID, uid())
                .list()
                .getItems();
    }

    /** The id of the container of its pod, by node, where it was started: a new one is a tunnel that was interrupted. */
    Map<String, String> containers() {
        Map<String, String> ids = new HashMap<>();
        for (Pod pod : pods()) {
            for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
                if (container.getContainerID() != null) {
                    ids.put(pod.getSpec().getNodeName(), container.getContainerID());
                }
            }
        }
        return ids;
    }

    /** Names of the instance's pods on a node. */
    List<String> pods(String node) {
        return pods().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }
}
