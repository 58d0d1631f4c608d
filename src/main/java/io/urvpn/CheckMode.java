package io.urvpn;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.api.v1alpha1.VpnType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code helm test}: whether what was installed works. Each node on which there is to be an agent has one that answers, of
 * this version; and the API server refuses a VpnInstance that no node could have. It changes nothing: what is written is
 * written as a dry run.
 */
public final class CheckMode {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final String NAME = "ur-vpn-check";
    private static final String WRONG_DESTINATION = "192.0.2.0/33";
    private static final int INVALID = 422;

    private final KubernetesClient client;
    private final String namespace;
    private final String version;
    private final Clock clock;

    /** @param version that every agent is to have */
    public CheckMode(KubernetesClient client, String namespace, String version, Clock clock) {
        this.client = client;
        this.namespace = namespace;
        this.version = version;
        this.clock = clock;
    }

    /**
     * Looks until nothing is wrong or the time is over: an agent that was just installed needs a moment.
     *
     * @return what is wrong, for people; empty where all is well
     */
    public List<String> run(Duration timeout) throws InterruptedException {
        Instant end = clock.instant().plus(timeout);
        while (true) {
            List<String> wrong = new ArrayList<>(agents());
            wrong.addAll(admission());
            if (wrong.isEmpty() || !clock.instant().isBefore(end)) {
                return wrong;
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private List<String> agents() {
        DaemonSet agents = client.apps()
                .daemonSets()
                .inNamespace(namespace)
                .withName("ur-vpn-agent")
                .get();
        if (agents == null) {
            return List.of("there is no DaemonSet ur-vpn-agent in " + namespace);
        }
        Map<String, String> selector = Optional.ofNullable(
                        agents.getSpec().getTemplate().getSpec().getNodeSelector())
                .orElse(Map.of());
        Map<String, VpnNode> answers = client.resources(VpnNode.class).list().getItems().stream()
                .collect(Collectors.toMap(node -> node.getMetadata().getName(), Function.identity()));
        return client.nodes().list().getItems().stream()
                .filter(node -> Optional.ofNullable(node.getMetadata().getLabels())
                        .orElse(Map.of())
                        .entrySet()
                        .containsAll(selector.entrySet()))
                .map(node -> silent(
                                node,
                                Optional.ofNullable(
                                        answers.get(node.getMetadata().getName())))
                        .map(why -> "node " + node.getMetadata().getName() + ": " + why))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Why the agent of a node is not taken for one that answers. */
    private Optional<String> silent(Node node, Optional<VpnNode> found) {
        VpnNodeStatus status = found.map(VpnNode::getStatus).orElse(null);
        if (status == null) {
            return Optional.of("its agent has never answered; see kubectl -n " + namespace
                    + " get pods -l app.kubernetes.io/component=agent --field-selector spec.nodeName="
                    + node.getMetadata().getName());
        }
        if (!version.equals(status.agentVersion())) {
            return Optional.of("its agent is of version " + status.agentVersion() + "; it must be " + version);
        }
        Sweep sweep = status.sweep();
        if (sweep == null || sweep.lastRunAt() == null) {
            return Optional.of("its agent has not looked for orphans yet");
        }
        if (!sweep.heardOf(clock.instant())) {
            return Optional.of("its agent was last heard of at " + sweep.lastRunAt());
        }
        return Optional.ofNullable(sweep.error()).map(error -> "its agent could not read the node: " + error);
    }

    private List<String> admission() {
        List<String> wrong = new ArrayList<>();
        expect(instance("192.0.2.0/24", Map.of()), null).ifPresent(wrong::add);
        expect(instance(WRONG_DESTINATION, Map.of()), "spec.routes[0].destination")
                .ifPresent(wrong::add);
        // the policy for what people say: it must begin with who says it
        expect(instance("192.0.2.0/24", Map.of("urvpn.io/dry-run", "somebody else: because")), "urvpn.io/dry-run")
                .ifPresent(wrong::add);
        return wrong;
    }

    /** @param named what a refusal is to name; {@code null} for one that is to be taken */
    private Optional<String> expect(VpnInstance instance, String named) {
        String asked = "a VpnInstance " + (named == null ? "without a fault" : "with a wrong " + named);
        try {
            client.resource(instance)
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(NAME)
                            .withDryRun(List.of("All"))
                            .build());
            return named == null ? Optional.empty() : Optional.of("the API server takes " + asked);
        } catch (KubernetesClientException e) {
            boolean meant = named != null
                    && e.getCode() == INVALID
                    && String.valueOf(e.getMessage()).contains(named);
            return meant
                    ? Optional.empty()
                    : Optional.of("the API server answers " + e.getCode() + " to " + asked + ": " + e.getMessage());
        }
    }

    private static VpnInstance instance(String destination, Map<String, String> annotations) {
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName(NAME)
                .withAnnotations(annotations)
                .build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference(NAME))
                .nodeSelector(Map.of())
                .routes(List.of(new TunnelRoute(destination, 0)))
                .build());
        return instance;
    }
}
