package io.urvpn.operator;

import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpec;
import io.urvpn.operator.Identities.Usable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is to be done so that the attachments of an instance are what they should be.
 *
 * @param create specs of attachments that are missing
 * @param change new specs of attachments that differ
 * @param detach attachments that are to go, with the reason
 * @param renew attachments that somebody deleted although they are wanted: they are made anew, and nothing ends on the node
 * @param detaching attachments that are on their way
 */
public record AttachmentPlan(
        List<VpnAttachmentSpec> create,
        List<Change> change,
        List<Detach> detach,
        List<VpnAttachment> renew,
        List<VpnAttachment> detaching) {

    /** A new spec for an attachment. */
    public record Change(VpnAttachment attachment, VpnAttachmentSpec spec) {}

    /** An attachment that is to go. */
    public record Detach(VpnAttachment attachment, String reason) {}

    /**
     * Compares what is with what should be. A node without a usable configuration gets no attachment and loses none.
     *
     * @param attachments all of the instance
     * @param held nodes whose daemon still has another configuration: until it is started anew they keep what goes with it
     */
    public static AttachmentPlan of(
            VpnInstance instance,
            Selection selection,
            Identities identities,
            Collection<VpnAttachment> attachments,
            Set<String> held) {
        Map<String, VpnAttachment> byNode = new TreeMap<>();
        attachments.forEach(attachment -> byNode.put(attachment.getSpec().nodeName(), attachment));
        List<VpnAttachmentSpec> create = new ArrayList<>();
        for (String node : selection.wanted()) {
            identities
                    .usable(node)
                    .filter(usable -> !byNode.containsKey(node))
                    .ifPresent(usable -> create.add(spec(instance, node, Optional.of(usable), Optional.empty())));
        }
        List<Change> change = new ArrayList<>();
        List<Detach> detach = new ArrayList<>();
        List<VpnAttachment> renew = new ArrayList<>();
        List<VpnAttachment> detaching = new ArrayList<>();
        for (VpnAttachment attachment : byNode.values()) {
            String node = attachment.getSpec().nodeName();
            if (attachment.getSpec().desired() == DesiredState.DETACHED) {
                detaching.add(attachment);
            } else if (attachment.isMarkedForDeletion()) {
                renew.add(attachment);
            } else if (selection.unwanted().containsKey(node)) {
                detach.add(new Detach(attachment, selection.unwanted().get(node)));
            } else {
                Optional<Usable> usable = held.contains(node) ? Optional.empty() : identities.usable(node);
                VpnAttachmentSpec spec = spec(instance, node, usable, Optional.of(attachment.getSpec()));
                if (!spec.equals(attachment.getSpec())) {
                    change.add(new Change(attachment, spec));
                }
            }
        }
        return new AttachmentPlan(create, change, detach, renew, detaching);
    }

    private static VpnAttachmentSpec spec(
            VpnInstance instance, String node, Optional<Usable> usable, Optional<VpnAttachmentSpec> current) {
        VpnInstanceSpec spec = instance.getSpec();
        return VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference(
                        instance.getMetadata().getName(), instance.getMetadata().getUid()))
                .nodeName(node)
                .type(spec.type())
                .interfaceName(ObjectNames.interfaceName(instance))
                .desired(DesiredState.ATTACHED)
                .addresses(addresses(spec, usable, current))
                .routes(spec.routes())
                .rules(spec.rules())
                .masquerade(spec.masquerade())
                .killSwitch(spec.killSwitch())
                .probe(spec.probe())
                .identity(spec.identity())
                .mtu(mtu(spec, usable, current))
                .machineKey(current.map(VpnAttachmentSpec::machineKey).orElse(null))
                .plan(current.map(VpnAttachmentSpec::plan).orElse(null))
                .build();
    }

    /** The instance's own, else the configuration's; without a usable configuration they stay what they are. */
    private static List<String> addresses(
            VpnInstanceSpec spec, Optional<Usable> usable, Optional<VpnAttachmentSpec> current) {
        if (spec.addresses() != null && !spec.addresses().isEmpty()) {
            return spec.addresses();
        }
        return usable.map(found -> found.configuration().addresses().stream()
                        .map(IpPrefix::toString)
                        .toList())
                .map(found -> found.isEmpty() ? null : found)
                .or(() -> usable.isPresent() ? Optional.empty() : current.map(VpnAttachmentSpec::addresses))
                .orElse(null);
    }

    private static Integer mtu(VpnInstanceSpec spec, Optional<Usable> usable, Optional<VpnAttachmentSpec> current) {
        if (spec.mtu() != null) {
            return spec.mtu();
        }
        if (usable.isEmpty()) {
            return current.map(VpnAttachmentSpec::mtu).orElse(null);
        }
        return usable.get().configuration().mtu().isPresent()
                ? Integer.valueOf(usable.get().configuration().mtu().getAsInt())
                : null;
    }
}
