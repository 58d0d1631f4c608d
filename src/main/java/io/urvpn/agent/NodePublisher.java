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
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.api.v1alpha1.VpnNodeStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNodeStatusSweepBuilder;
import io.urvpn.host.Host;
import io.urvpn.host.Machine;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/** Says in the node's VpnNode who answers for it and what it can do. */
final class NodePublisher {
    private static final Logger LOG = Logger.getLogger(NodePublisher.class);

    private final KubernetesClient client;
    private final AgentSettings settings;
    private final VpnNodeStatus base;
    private final AtomicReference<Sweep> swept = new AtomicReference<>();

    NodePublisher(KubernetesClient client, AgentSettings settings, NodeIdentity identity, Host host) {
        this.client = client;
        this.settings = settings;
        Machine.Capabilities can = host.machine().capabilities();
        this.base = new VpnNodeStatus(
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
    synchronized boolean publish() {
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
            VpnNodeStatus before = there == null ? null : there.getStatus();
            VpnNodeStatus status = VpnNodeStatusBuilder.builder(base)
                    .sweep(due(before == null ? null : before.sweep(), swept.get()))
                    .build();
            if (!status.equals(before)) {
                client.resource(object(null, status)).subresource("status").patch(ApplyingStatusWriter.APPLY);
            }
            return true;
        } catch (KubernetesClientException e) {
            LOG.warnf("VpnNode %s waits: %s", settings.nodeName(), e.getMessage());
            return false;
        }
    }

    /**
     * Takes what the last sweep saw.
     *
     * @return whether it is worth a write now
     */
    boolean swept(Sweep sweep) {
        Sweep before = swept.getAndSet(sweep);
        return due(before, sweep) == sweep;
    }

    /** Times and counts of runs alone are written every few minutes at most. */
    static Sweep due(Sweep written, Sweep now) {
        if (now == null || written == null || written.lastRunAt() == null) {
            return now;
        }
        boolean changed = !timeless(written).equals(timeless(now));
        return changed || !now.lastRunAt().isBefore(written.lastRunAt().plus(Sweep.WRITTEN_AGAIN)) ? now : written;
    }

    private static Sweep timeless(Sweep sweep) {
        return VpnNodeStatusSweepBuilder.builder(sweep)
                .lastRunAt(null)
                .nextRunAt(null)
                .runs(null)
                .build();
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
