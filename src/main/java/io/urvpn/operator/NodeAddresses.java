package io.urvpn.operator;

import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.tunnel.TunnelType;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Configurations of an instance's nodes with the addresses that the operator gives, where it does.
 *
 * @param attachments all of the instance, by which they were given
 * @param identities the configurations
 */
record NodeAddresses(List<VpnAttachment> attachments, Identities identities) {

    /**
     * Gives what is lacking. The cache has our own writes late: where a node has none yet, what others have is read live, so
     * that no address is given twice.
     *
     * @param cached attachments of the instance as the cache has them
     */
    static NodeAddresses of(
            VpnInstance instance,
            Optional<TunnelType> type,
            Identities configured,
            Collection<String> nodes,
            List<VpnAttachment> cached,
            LiveReads live) {
        if (!type.map(TunnelType::generatesIdentity).orElse(false)) {
            return new NodeAddresses(cached, configured);
        }
        List<String> networks = instance.getSpec().addressPool();
        boolean lacks = new AddressPool(networks, cached).lacks(configured, nodes);
        List<VpnAttachment> stored =
                lacks ? live.attachments(instance.getMetadata().getUid()) : cached;
        return new NodeAddresses(stored, new AddressPool(networks, stored).give(configured, nodes));
    }
}
