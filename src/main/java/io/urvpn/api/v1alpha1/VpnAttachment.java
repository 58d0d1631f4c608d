package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** One instance on one node, as a VolumeAttachment is for a volume. Cluster-scoped. */
@JsonClassDescription("One instance on one node, as a VolumeAttachment is for a volume. Made by the operator.")
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("VpnAttachment")
@Plural("vpnattachments")
@Singular("vpnattachment")
@ShortNames("vpnatt")
@Categories("urvpn")
@AdditionalSelectableField(jsonPath = ".spec.nodeName")
@AdditionalSelectableField(jsonPath = ".spec.instance.uid")
@AdditionalPrinterColumn(
        name = "Instance",
        jsonPath = ".spec.instance.name",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Node", jsonPath = ".spec.nodeName", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Desired", jsonPath = ".spec.desired", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Interface",
        jsonPath = ".spec.interfaceName",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Table", jsonPath = ".status.table", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Addresses",
        jsonPath = ".status.addresses",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Public-Key",
        jsonPath = ".status.publicKey",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VpnAttachment extends CustomResource<VpnAttachmentSpec, VpnAttachmentStatus> {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public VpnAttachmentSpec getSpec() {
        return super.getSpec();
    }
}
