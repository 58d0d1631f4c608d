package io.urvpn.apiserver.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Plays the DaemonSet controller, the kubelets and the collector of pods: a pod for each node whose labels match; a pod that
 * is deleted, or whose Node is gone, ends at once, or not at all while {@link #podsHang} says so.
 */
public final class FakeKubelets implements AutoCloseable {
    private final KubernetesClient client;
    private final String namespace;
    private final SharedIndexInformer<DaemonSet> daemonSets;
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<Node> nodes;
    private final AtomicBoolean hang = new AtomicBoolean();
    private final AtomicBoolean asked = new AtomicBoolean();
    /** Many events make one pass, so that many nodes are no more than many pods. */
    private final ExecutorService passes = Executors.newSingleThreadExecutor();

    public FakeKubelets(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.nodes = client.nodes().inform(handler(this::ask));
        this.daemonSets = client.apps().daemonSets().inNamespace(namespace).inform(handler(this::ask));
        this.pods = client.pods().inNamespace(namespace).inform(handler(this::ask));
        ask();
    }

    private static <T extends HasMetadata> ResourceEventHandler<T> handler(Runnable anything) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(T added) {
                anything.run();
            }

            @Override
            public void onUpdate(T before, T after) {
                anything.run();
            }

            @Override
            public void onDelete(T gone, boolean unknown) {
                anything.run();
            }
        };
    }

    /** While true, no pod ends. */
    public void podsHang(boolean hangs) {
        hang.set(hangs);
        ask();
    }

    /** A machine registers its Node with this label {@code pool}; it is not ready yet, so admission taints it. */
    public void joins(String node, String pool) {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node)
                        .addToLabels("pool", pool)
                        .endMetadata()
                        .withNewStatus()
                        .withConditions(ready(false))
                        .endStatus()
                        .build())
                .create();
    }

    /** The kubelet says whether its node is ready, and the taints follow, as the node controller sets them. */
    public void reports(String node, boolean isReady) {
        client.nodes().withName(node).editStatus(found -> {
            found.getStatus().setConditions(List.of(ready(isReady)));
            return found;
        });
        client.nodes().withName(node).edit(found -> {
            found.getSpec().setTaints(isReady ? List.of() : List.of(notReady("NoSchedule"), notReady("NoExecute")));
            return found;
        });
    }

    /** The kubelet is not heard of any more, as the node controller notices it after 40 seconds. */
    public void silent(String node) {
        client.nodes().withName(node).editStatus(found -> {
            found.getStatus().setConditions(List.of(ready("Unknown", "NodeStatusUnknown")));
            return found;
        });
    }

    private static NodeCondition ready(boolean isReady) {
        return ready(isReady ? "True" : "False", isReady ? "KubeletReady" : "KubeletNotReady");
    }

    private static NodeCondition ready(String status, String reason) {
        return new NodeConditionBuilder()
                .withType("Ready")
                .withStatus(status)
                .withReason(reason)
                .withLastTransitionTime(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    private static Taint notReady(String effect) {
        return new TaintBuilder()
                .withKey("node.kubernetes.io/not-ready")
                .withEffect(effect)
                .build();
    }

    private void ask() {
        if (asked.compareAndSet(false, true)) {
            passes.execute(this::all);
        }
    }

    private void all() {
        asked.set(false);
        if (pods == null || daemonSets == null) {
            return;
        }
        for (DaemonSet daemonSet :
                client.apps().daemonSets().inNamespace(namespace).list().getItems()) {
            observed(daemonSet);
            nodes.getStore().list().stream()
                    .filter(node -> matches(daemonSet, node))
                    .forEach(node -> run(daemonSet, node));
        }
        for (Pod pod : pods.getStore().list()) {
            if (!hang.get() && (pod.isMarkedForDeletion() || nodeIsGone(pod))) {
                client.resource(pod).withGracePeriod(0).delete();
            }
        }
    }

    /** The DaemonSet controller says which generation it has seen. */
    private void observed(DaemonSet daemonSet) {
        Long generation = daemonSet.getMetadata().getGeneration();
        if (!generation.equals(daemonSet.getStatus().getObservedGeneration())) {
            client.resource(daemonSet)
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"status\":{\"observedGeneration\":" + generation + "}}");
        }
    }

    private boolean nodeIsGone(Pod pod) {
        return nodes.hasSynced() && nodes.getStore().getByKey(pod.getSpec().getNodeName()) == null;
    }

    private static boolean matches(DaemonSet daemonSet, Node node) {
        Map<String, String> wanted = daemonSet.getSpec().getTemplate().getSpec().getNodeSelector();
        Map<String, String> labels = node.getMetadata().getLabels();
        return wanted == null
                || wanted.isEmpty()
                || (labels != null && labels.entrySet().containsAll(wanted.entrySet()));
    }

    private void run(DaemonSet daemonSet, Node node) {
        String name =
                daemonSet.getMetadata().getName() + "-" + node.getMetadata().getName();
        if (pods.getStore().getByKey(namespace + "/" + name) != null) {
            return;
        }
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(daemonSet.getSpec().getTemplate().getMetadata().getLabels())
                .endMetadata()
                .withSpec(daemonSet.getSpec().getTemplate().getSpec())
                .editSpec()
                .withNodeName(node.getMetadata().getName())
                .endSpec()
                .build();
        try {
            client.resource(pod).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        List.of(daemonSets, pods, nodes).forEach(SharedIndexInformer::stop);
        passes.close();
    }
}
