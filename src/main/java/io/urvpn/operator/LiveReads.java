package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import java.util.List;
import java.util.Optional;

/**
 * Reads straight from the API server, without a resourceVersion, so that the answer is what is stored now: before
 * anything is counted as gone or let go, and for the object itself, which the cache has late after our own write.
 */
public final class LiveReads {
    private final KubernetesClient client;
    private final String namespace;

    public LiveReads(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** The instance of this name in this life. */
    public Optional<VpnInstance> instance(String name, String uid) {
        return Optional.ofNullable(
                        client.resources(VpnInstance.class).withName(name).get())
                .filter(instance -> uid.equals(instance.getMetadata().getUid()));
    }

    /** The instance of this name. */
    public Optional<VpnInstance> instance(String name) {
        return Optional.ofNullable(
                client.resources(VpnInstance.class).withName(name).get());
    }

    /** Every cleanup of an instance. */
    public List<VpnCleanup> cleanups(String instanceUid) {
        return client.resources(VpnCleanup.class)
                .withLabel(Names.LABEL_INSTANCE_UID, instanceUid)
                .list()
                .getItems();
    }

    /** The cleanup of this name. */
    public Optional<VpnCleanup> cleanup(String name) {
        return Optional.ofNullable(
                client.resources(VpnCleanup.class).withName(name).get());
    }

    /** The attachment of this name. */
    public Optional<VpnAttachment> attachment(String name) {
        return Optional.ofNullable(
                client.resources(VpnAttachment.class).withName(name).get());
    }

    /** Every attachment of an instance, by its spec: a label may have been taken off. */
    public List<VpnAttachment> attachments(String instanceUid) {
        return client.resources(VpnAttachment.class)
                .withField("spec.instance.uid", instanceUid)
                .list()
                .getItems();
    }

    /** The Node of this name. */
    public Optional<Node> node(String name) {
        return Optional.ofNullable(client.nodes().withName(name).get());
    }

    /** What the agent of this node says. */
    public Optional<VpnNodeStatus> agent(String node) {
        return Optional.ofNullable(
                        client.resources(VpnNode.class).withName(node).get())
                .map(VpnNode::getStatus);
    }

    /** The DaemonSet of an instance. */
    public Optional<DaemonSet> daemonSet(String instanceUid) {
        return Optional.ofNullable(client.apps()
                .daemonSets()
                .inNamespace(namespace)
                .withName(ObjectNames.daemonSet(instanceUid))
                .get());
    }

    /** The Secret of this name in the operator's namespace. */
    public Optional<Secret> secret(String name) {
        return Optional.ofNullable(
                client.secrets().inNamespace(namespace).withName(name).get());
    }

    /** Every pod of an instance. */
    public List<Pod> pods(String instanceUid) {
        return client.pods()
                .inNamespace(namespace)
                .withLabel(Names.LABEL_INSTANCE_UID, instanceUid)
                .list()
                .getItems();
    }
}
