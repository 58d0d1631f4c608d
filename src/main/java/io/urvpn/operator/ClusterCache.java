package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operator knows without asking: one paged watch a kind, shared by both reconcilers. Reads may be behind; what
 * must not be behind goes through {@link LiveReads}.
 */
public final class ClusterCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterCache.class);
    private static final long PAGE = 500;
    private static final String BY_INSTANCE = "instance";
    private static final String BY_NODE = "node";
    private static final String HELM_RELEASE = "helm.sh/release.v1";

    private final SharedIndexInformer<VpnAttachment> attachments;
    private final SharedIndexInformer<VpnCleanup> cleanups;
    private final SharedIndexInformer<VpnNode> agents;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<Secret> secrets;
    private final SharedIndexInformer<DaemonSet> daemonSets;
    private final SharedIndexInformer<Pod> pods;
    private final String namespace;

    /**
     * Nothing is read before {@link #start}.
     *
     * @param triggers is told of each change
     */
    public ClusterCache(KubernetesClient client, String namespace, Triggers triggers) {
        this.namespace = namespace;
        this.attachments = informer(
                client.resources(VpnAttachment.class),
                UnaryOperator.identity(),
                triggers::attachment,
                a -> a.getSpec().instance().uid());
        attachments.addIndexers(
                Map.of(BY_NODE, attachment -> List.of(attachment.getSpec().nodeName())));
        this.cleanups = informer(
                client.resources(VpnCleanup.class),
                UnaryOperator.identity(),
                triggers::cleanup,
                c -> c.getSpec().instance().uid());
        this.agents = informer(
                client.resources(VpnNode.class), UnaryOperator.identity(), triggers::agent, ClusterCache::uidLabel);
        this.nodes = informer(client.nodes(), Trim::node, triggers::node, ClusterCache::uidLabel);
        this.secrets = informer(
                client.secrets().inNamespace(namespace).withoutField("type", HELM_RELEASE),
                Trim::secret,
                triggers::secret,
                ClusterCache::uidLabel);
        this.daemonSets = informer(
                client.apps().daemonSets().inNamespace(namespace).withLabel(Names.LABEL_INSTANCE_UID),
                UnaryOperator.identity(),
                triggers::daemonSet,
                ClusterCache::uidLabel);
        this.pods = informer(
                client.pods().inNamespace(namespace).withLabel(Names.LABEL_INSTANCE_UID),
                Trim::pod,
                triggers::pod,
                ClusterCache::uidLabel);
    }

    private static String uidLabel(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? null : labels.get(Names.LABEL_INSTANCE_UID);
    }

    private static <T extends HasMetadata> SharedIndexInformer<T> informer(
            Informable<T> kind, UnaryOperator<T> trim, Trigger<T> trigger, Function<T, String> instanceUid) {
        SharedIndexInformer<T> informer = kind.withLimit(PAGE).runnableInformer(0);
        informer.itemStore(new TrimmedStore<>(trim));
        informer.addIndexers(Map.of(
                BY_INSTANCE,
                item -> Optional.ofNullable(instanceUid.apply(item)).stream().toList()));
        // An object that cannot be read is logged and the list tried again: the rest must not stay without a watch.
        informer.exceptionHandler((started, failure) -> {
            LOG.warn("watch of {} failed: {}", informer.getApiTypeClass().getSimpleName(), failure.toString());
            return true;
        });
        informer.addEventHandler(new Forward<>(trim, trigger));
        return informer;
    }

    /** Is told of a change; {@code before} is empty for a new object, {@code after} for one that is gone. */
    @FunctionalInterface
    public interface Trigger<T> {
        void changed(Optional<T> before, Optional<T> after);
    }

    /** Passes on what differs in what is kept; a kubelet's heartbeat does not. */
    private record Forward<T extends HasMetadata>(UnaryOperator<T> trim, Trigger<T> trigger)
            implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T added) {
            trigger.changed(Optional.empty(), Optional.of(trim.apply(added)));
        }

        @Override
        public void onUpdate(T before, T after) {
            T kept = trim.apply(after);
            if (!sameButVersion(before, kept)) {
                trigger.changed(Optional.of(before), Optional.of(kept));
            }
        }

        @Override
        public void onDelete(T gone, boolean lastStateUnknown) {
            trigger.changed(Optional.of(gone), Optional.empty());
        }

        private boolean sameButVersion(T before, T after) {
            String version = before.getMetadata().getResourceVersion();
            if (Objects.equals(version, after.getMetadata().getResourceVersion())) {
                return true;
            }
            T copy = trim.apply(after);
            if (copy == after) {
                return false;
            }
            copy.getMetadata().setResourceVersion(version);
            return copy.equals(before);
        }
    }

    private List<SharedIndexInformer<? extends HasMetadata>> all() {
        return List.of(attachments, cleanups, agents, nodes, secrets, daemonSets, pods);
    }

    /**
     * Reads all kinds and returns when each was read once.
     *
     * @throws IllegalStateException naming the kinds that could not be read within two minutes
     */
    public void start() {
        List<CompletableFuture<Void>> started = new ArrayList<>();
        for (SharedIndexInformer<?> informer : all()) {
            started.add(informer.start().toCompletableFuture());
        }
        try {
            CompletableFuture.allOf(started.toArray(CompletableFuture[]::new)).get(2, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading the cluster", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("could not read " + notWatching(), e);
        }
    }

    /** Kinds whose watch is not established at the moment. */
    public List<String> notWatching() {
        return all().stream()
                .filter(informer -> !informer.hasSynced() || !informer.isWatching())
                .map(informer -> informer.getApiTypeClass().getSimpleName())
                .toList();
    }

    List<VpnAttachment> attachments(String instanceUid) {
        return attachments.getIndexer().byIndex(BY_INSTANCE, instanceUid);
    }

    List<VpnAttachment> attachmentsOn(String node) {
        return attachments.getIndexer().byIndex(BY_NODE, node);
    }

    List<VpnAttachment> attachments() {
        return attachments.getStore().list();
    }

    List<VpnCleanup> cleanups(String instanceUid) {
        return cleanups.getIndexer().byIndex(BY_INSTANCE, instanceUid);
    }

    List<VpnCleanup> cleanups() {
        return cleanups.getStore().list();
    }

    Optional<VpnNodeStatus> agent(String node) {
        return Optional.ofNullable(agents.getStore().getByKey(node)).map(VpnNode::getStatus);
    }

    List<VpnNode> agents() {
        return agents.getStore().list();
    }

    Optional<Node> node(String name) {
        return Optional.ofNullable(nodes.getStore().getByKey(name));
    }

    List<Node> nodes() {
        return nodes.getStore().list();
    }

    Optional<Secret> secret(String name) {
        return Optional.ofNullable(secrets.getStore().getByKey(namespace + "/" + name));
    }

    Optional<DaemonSet> daemonSet(String instanceUid) {
        return daemonSets.getIndexer().byIndex(BY_INSTANCE, instanceUid).stream()
                .findFirst();
    }

    List<Pod> pods(String instanceUid) {
        return pods.getIndexer().byIndex(BY_INSTANCE, instanceUid);
    }

    @Override
    public void close() {
        all().forEach(SharedIndexInformer::stop);
    }
}
