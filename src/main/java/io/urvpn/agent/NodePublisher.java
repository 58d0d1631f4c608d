package io.urvpn.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Capabilities;
import io.urvpn.host.Host;
import io.urvpn.host.Machine;
import java.util.Objects;
import org.jboss.logging.Logger;

/** Says in the node's VpnNode who answers for it and what it can do. */
final class NodePublisher {
    private static final Logger LOG = Logger.getLogger(NodePublisher.class);

    private final KubernetesClient client;
    private final AgentSettings settings;
    private final VpnNodeStatus status;

    NodePublisher(KubernetesClient client, AgentSettings settings, NodeIdentity identity, Host host) {
        this.client = client;
        this.settings = settings;
        Machine.Capabilities can = host.machine().capabilities();
        this.status = new VpnNodeStatus(
                settings.version(),
                identity.agentStartedAt(),
                identity.bootId(),
                identity.machineKey(),
                new Capabilities(can.kernelWireGuard(), can.tun(), can.xfrm(), can.nftables()),
                null);
    }

    /**
     * Writes what is not there as it is to be.
     *
     * @return false where that was not possible; it is to be tried again
     */
    boolean publish() {
        try {
            Node owner = client.nodes().withName(settings.nodeName()).get();
            if (owner == null) {
                LOG.warnf("there is no Node %s", settings.nodeName());
                return false;
            }
            VpnNode there = client.resources(VpnNode.class)
                    .withName(settings.nodeName())
                    .get();
            if (there == null || !owned(there, owner)) {
                client.resource(object(owner, null)).patch(ApplyingStatusWriter.APPLY);
            }
            if (there == null || !status.equals(there.getStatus())) {
                client.resource(object(null, status)).subresource("status").patch(ApplyingStatusWriter.APPLY);
            }
            return true;
        } catch (KubernetesClientException e) {
            LOG.warnf("VpnNode %s waits: %s", settings.nodeName(), e.getMessage());
            return false;
        }
    }

    private static boolean owned(VpnNode there, Node owner) {
        return there.getMetadata().getOwnerReferences().stream()
                .anyMatch(reference ->
                        Objects.equals(reference.getUid(), owner.getMetadata().getUid()));
    }

    private VpnNode object(Node owner, VpnNodeStatus withStatus) {
        ObjectMeta metadata = new ObjectMetaBuilder()
                .withName(settings.nodeName())
                .addToLabels(Names.LABEL_MANAGED_BY, Names.MANAGED_BY)
                .build();
        if (owner != null) {
            metadata.getOwnerReferences()
                    .add(new OwnerReferenceBuilder()
                            .withApiVersion("v1")
                            .withKind("Node")
                            .withName(owner.getMetadata().getName())
                            .withUid(owner.getMetadata().getUid())
                            .build());
        }
        VpnNode node = new VpnNode();
        node.setMetadata(metadata);
        node.setStatus(withStatus);
        return node;
    }
}
