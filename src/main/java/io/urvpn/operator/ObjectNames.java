package io.urvpn.operator;

import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Names and labels that follow from an instance and a node, so that a restarted operator finds what it made. */
public final class ObjectNames {
    private static final int LABEL_LENGTH = 63;

    private ObjectNames() {}

    /** Name of the attachment of an instance on a node: a hash, as a node's name alone may fill the whole length. */
    public static String attachment(String instanceUid, String node) {
        return "vpnatt-" + sha256(instanceUid + "/" + node).substring(0, 32);
    }

    /** Name of the instance's DaemonSet. */
    public static String daemonSet(String instanceUid) {
        return "urvpn-" + shortUid(instanceUid);
    }

    /** The first 8 hex digits of a uid. */
    public static String shortUid(String uid) {
        return uid.replace("-", "").substring(0, 8);
    }

    /** Name of the interface on each node. */
    public static String interfaceName(VpnInstance instance) {
        String written = instance.getSpec().interfaceName();
        return written != null
                ? written
                : "urv" + shortUid(instance.getMetadata().getUid());
    }

    /** True where an object can be called so; nothing else may go into the path of a request. */
    static boolean isName(String name) {
        return name.length() <= 253 && name.matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    }

    /** Name of the instance as messages show it. */
    public static String displayName(VpnInstance instance) {
        return Optional.ofNullable(instance.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Names.ANNOTATION_LEGACY_NAME))
                .filter(name -> !name.isBlank() && name.length() <= 253)
                .orElse(instance.getMetadata().getName());
    }

    /** Labels of all that belongs to an instance, in a fixed order. */
    public static Map<String, String> labels(String instanceName, String instanceUid) {
        Map<String, String> labels = new TreeMap<>();
        labels.put(Names.LABEL_INSTANCE_UID, instanceUid);
        labels.put(Names.LABEL_INSTANCE, labelValue(instanceName));
        labels.put(Names.LABEL_MANAGED_BY, Names.MANAGED_BY);
        return labels;
    }

    /** A label's value has at most 63 characters and ends with a letter or digit. */
    private static String labelValue(String name) {
        String cut = name.length() <= LABEL_LENGTH ? name : name.substring(0, LABEL_LENGTH);
        return cut.replaceAll("[^a-zA-Z0-9]+$", "");
    }

    /** In hex. */
    static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
