package io.urvpn.apiserver.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Plays the DaemonSet controller and the kubelets: a pod for each node whose labels match, and a pod that is deleted ends
 * at once, or not at all while {@link #podsHang} says so.
 */
public final class FakeKubelets implements AutoCloseable {
    private final KubernetesClient client;
    private final String namespace;
    private final SharedIndexInformer<DaemonSet> daemonSets;
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<Node> nodes;
    private final AtomicBoolean hang = new AtomicBoolean();

    public FakeKubelets(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.nodes = client.nodes().inform(handler(this::all));
        this.daemonSets = client.apps().daemonSets().inNamespace(namespace).inform(handler(this::all));
        this.pods = client.pods().inNamespace(namespace).inform(handler(this::all));
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
        all();
    }

    private synchronized void all() {
        if (pods == null || daemonSets == null) {
            return;
        }
        for (DaemonSet daemonSet :
                client.apps().daemonSets().inNamespace(namespace).list().getItems()) {
            nodes.getStore().list().stream()
                    .filter(node -> matches(daemonSet, node))
                    .forEach(node -> run(daemonSet, node));
        }
        for (Pod pod : client.pods().inNamespace(namespace).list().getItems()) {
            if (pod.isMarkedForDeletion() && !hang.get()) {
                client.resource(pod).withGracePeriod(0).delete();
            }
        }
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
    }
}
