package io.urvpn.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** One cleanup operation and its evidence; its name is the operation id. It outlives the instance. Cluster-scoped. */
@JsonClassDescription(
        "One cleanup operation and its evidence; its name is the operation id. Made by the operator; outlives the instance.")
@Group(Names.GROUP)
@Version(Names.VERSION)
@Kind("VpnCleanup")
@Plural("vpncleanups")
@Singular("vpncleanup")
@ShortNames("vpnclean")
@Categories("urvpn")
@AdditionalPrinterColumn(
        name = "Instance",
        jsonPath = ".spec.instance.name",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Operation", jsonPath = ".spec.operation", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Nodes", jsonPath = ".status.counts.total", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Verified",
        jsonPath = ".status.counts.verified",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Failed",
        jsonPath = ".status.counts.failed",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Next",
        jsonPath = ".status.nextVerificationAt",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VpnCleanup extends CustomResource<VpnCleanupSpec, VpnCleanupStatus> {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public VpnCleanupSpec getSpec() {
        return super.getSpec();
    }
}
