package io.urvpn.unit.cli;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusConnectionStatusBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstanceStatus.NodeCounts;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Capabilities;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnNodeStatusSweepBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Objects as a cluster has them. */
final class Cluster {
    static final String UID = "40e4e1d2-04d2-4b4e-8990-4889516d41cc";
    static final String ID = "cleanup-1795539402-office-40e4e1d2";
    static final Instant BEGAN = Instant.parse("2026-11-01T12:00:00Z");

    private Cluster() {}

    static VpnInstance instance() {
        VpnInstance instance = new VpnInstance();
        instance.setMetadata(
                new ObjectMetaBuilder().withName("office").withUid(UID).build());
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .build());
        instance.setStatus(VpnInstanceStatusBuilder.builder()
                .nodes(new NodeCounts(2, 2, 1))
                .build());
        return instance;
    }

    private static VpnAttachmentStatusBuilder said(boolean up, String reason, String message) {
        return VpnAttachmentStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(up ? "True" : "False")
                        .withReason(reason)
                        .withMessage(message)
                        .withLastTransitionTime(
                                Instant.now().minus(Duration.ofHours(3)).toString())
                        .build()));
    }

    private static VpnAttachment attachment(String node, VpnAttachmentStatusBuilder status) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.setMetadata(new ObjectMetaBuilder()
                .withName("vpnatt-" + node)
                .addToLabels(Names.LABEL_INSTANCE_UID, UID)
                .build());
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", UID))
                .nodeName(node)
                .type(VpnType.WIREGUARD)
                .interfaceName("urv40e4e1d2")
                .desired(DesiredState.ATTACHED)
                .addresses(List.of("10.8.0.2/24"))
                .build());
        attachment.setStatus(status.build());
        return attachment;
    }

    static VpnAttachment up(String node) {
        Instant now = Instant.now();
        return attachment(
                node,
                said(true, "Up", "the tunnel is up")
                        .connection(VpnAttachmentStatusConnectionStatusBuilder.builder()
                                .connectedSince(now.minus(Duration.ofMinutes(12)))
                                .lastHandshakeAt(now.minus(Duration.ofMinutes(3)))
                                .endpoint("203.0.113.1:51820")
                                .receivedBytes(3L << 20)
                                .sentBytes(2048L)
                                .build()));
    }

    /** Its daemon's last words try to clear the screen. */
    static VpnAttachment waiting(String node) {
        return attachment(
                node,
                said(false, "WaitingForHandshake", "no peer has answered yet")
                        .connection(VpnAttachmentStatusConnectionStatusBuilder.builder()
                                .receivedBytes(1L << 20)
                                .sentBytes(0L)
                                .lastError("no route\u001b[2J to host")
                                .lastErrorAt(Instant.now().minus(Duration.ofMinutes(5)))
                                .build()));
    }

    /** Whose agent's sweep ran that long ago. */
    static VpnNode node(String name, Duration ago, Orphan... orphans) {
        VpnNode node = new VpnNode();
        node.setMetadata(new ObjectMetaBuilder().withName(name).build());
        node.setStatus(new VpnNodeStatus(
                "0.1.0",
                Instant.now().minus(Duration.ofDays(3)),
                null,
                "key-" + name,
                new Capabilities(true, true, false, true),
                VpnNodeStatusSweepBuilder.builder()
                        .running(true)
                        .intervalSeconds(30)
                        .lastRunAt(Instant.now().minus(ago))
                        .entries(1)
                        .orphansPresent(orphans.length)
                        .orphans(Arrays.asList(orphans))
                        .build()));
        return node;
    }

    static VpnCleanup cleanup(VpnCleanupStatus status) {
        VpnCleanup cleanup = new VpnCleanup();
        cleanup.setMetadata(new ObjectMetaBuilder()
                .withName(ID)
                .addToLabels(Names.LABEL_INSTANCE_UID, UID)
                .build());
        cleanup.setSpec(VpnCleanupSpecBuilder.builder()
                .operation(Operation.DELETE)
                .instance(new InstanceReference("office", UID))
                .type(VpnType.WIREGUARD)
                .interfaceName("urv40e4e1d2")
                .requestedAt(BEGAN)
                .nodes(List.of())
                .build());
        cleanup.setStatus(status);
        return cleanup;
    }

    static ComponentStatus done(Component component, long from, long millis) {
        return ComponentStatusBuilder.builder()
                .component(component)
                .status(ComponentState.COMPLETED)
                .startedAt(BEGAN.plusMillis(from))
                .completedAt(BEGAN.plusMillis(from + millis))
                .durationMillis(millis)
                .attempt(1)
                .build();
    }
}
