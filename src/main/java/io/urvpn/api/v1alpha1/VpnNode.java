package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What the agent says of its node, as a CSINode does. Owned by its Node. Cluster-scoped. */
@JsonClassDescription(
        "What the agent says of its node, as a CSINode does. Its name is the name of the Node, which owns it.")
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("VpnNode")
@Plural("vpnnodes")
@Singular("vpnnode")
@ShortNames("vpnn")
@Categories("urvpn")
@AdditionalPrinterColumn(name = "Agent", jsonPath = ".status.agentVersion", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Started",
        jsonPath = ".status.agentStartedAt",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Kernel-WireGuard",
        jsonPath = ".status.capabilities.kernelWireGuard",
        type = AdditionalPrinterColumn.Type.BOOLEAN)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VpnNode extends CustomResource<Void, VpnNodeStatus> {
    private static final long serialVersionUID = 1L;
}
