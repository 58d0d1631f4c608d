package io.urvpn.unit.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.SecretReference;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceSpecBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** Objects for tests. */
final class Samples {
    static final String UID = "01234567-89ab-cdef-0123-456789abcdef";
    static final String KEY_1 = "QKBLrJFvPZC7dxWkWwsFhhGXQKWfvvgqWz0pBqO0cVs=";
    static final String KEY_2 = "6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=";

    private Samples() {}

    static VpnInstance instance() {
        VpnInstance instance = new VpnInstance();
        instance.getMetadata().setName("office");
        instance.getMetadata().setUid(UID);
        instance.setSpec(VpnInstanceSpecBuilder.builder()
                .type(VpnType.WIREGUARD)
                .configSecretRef(new SecretReference("office"))
                .nodeSelector(Map.of("vpn", "office"))
                .build());
        return instance;
    }

    static VpnAttachment attachment(String node) {
        VpnAttachment attachment = new VpnAttachment();
        attachment.getMetadata().setName("att-" + node);
        attachment.getMetadata().setUid("uid-of-" + node);
        attachment.getMetadata().setGeneration(1L);
        attachment.getMetadata().setResourceVersion("7");
        attachment.setSpec(VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference("office", UID))
                .nodeName(node)
                .type(VpnType.WIREGUARD)
                .interfaceName("urv01234567")
                .desired(DesiredState.ATTACHED)
                .build());
        return attachment;
    }

    static String configuration(String key, String... more) {
        return "[Interface]\nPrivateKey = " + key + "\n" + String.join("\n", more) + "\n[Peer]\nPublicKey = " + KEY_2
                + "\nAllowedIPs = 10.0.0.0/8\n";
    }

    static Secret secret(Map<String, String> data) {
        Map<String, String> encoded = new TreeMap<>();
        data.forEach((key, value) ->
                encoded.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        return new SecretBuilder().withData(encoded).build();
    }
}
