package io.urvpn.api.v1alpha1;

/** Names that are part of the API: group, labels, annotations, finalizers and field managers. */
public final class Names {
    public static final String GROUP = "urvpn.io";
    public static final String VERSION = "v1alpha1";

    /** Label: uid of the VpnInstance to which an object belongs. */
    public static final String LABEL_INSTANCE_UID = GROUP + "/instance-uid";
    /** Label: name of the VpnInstance, cut to 63 characters. For people; code selects by uid. */
    public static final String LABEL_INSTANCE = GROUP + "/instance";

    public static final String LABEL_MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGED_BY = "ur-vpn";

    /** Annotation: the name that the older manager's messages show for an instance. */
    public static final String ANNOTATION_LEGACY_NAME = GROUP + "/legacy-instance-name";

    /** Annotation, {@code <user name>: [<COMPONENT>@<node or *> ]<reason>}: try again now; on a VpnNode: act on what the sweep found. */
    public static final String ANNOTATION_RETRY = GROUP + "/retry";
    /** Annotation, in the same form: leave a component out. */
    public static final String ANNOTATION_SKIP = GROUP + "/skip";
    /** Annotation, in the same form: end the cleanup without its verification. */
    public static final String ANNOTATION_FORCE = GROUP + "/force";
    /** Annotation, in the same form: list what a detach would remove. */
    public static final String ANNOTATION_DRY_RUN = GROUP + "/dry-run";
    /** Annotation of a VpnAttachment (RFC 3339, UTC): since when no Node of its name is backed by its machine. */
    public static final String ANNOTATION_NODE_ABSENT_SINCE = GROUP + "/node-absent-since";
    /** Annotation of a VpnNode: why the operator does nothing about the node's orphans before a person says so. */
    public static final String ANNOTATION_HELD = GROUP + "/held";
    /** Annotation of a VpnInstance: run the operator's present runtime image; its value is the user's own. */
    public static final String ANNOTATION_UPGRADE_RUNTIME = GROUP + "/upgrade-runtime";

    /** Annotation of a VpnInstance and its VpnCleanup (RFC 3339, UTC): when its deletion was called for over MQTT. */
    public static final String ANNOTATION_DELETED_OVER_MQTT = GROUP + "/deleted-over-mqtt";
    /**
     * Annotation beside it, where the request had correlation data: by what it is known when it comes again (32 hexadecimal
     * digits of a SHA-256).
     */
    public static final String ANNOTATION_MQTT_REQUEST = GROUP + "/mqtt-request";

    /** Finalizer of a VpnCleanup: held while the operation is under way, so that no evidence is lost. */
    public static final String FINALIZER_EVIDENCE = GROUP + "/evidence";
    /** Finalizer of a VpnInstance: held until each of its nodes was read again and found clean. */
    public static final String FINALIZER_CLEANUP = GROUP + "/cleanup";
    /** Finalizer of a VpnAttachment: held while its node may hold anything of it. */
    public static final String FINALIZER_NODE_STATE = GROUP + "/node-state";

    /** Field manager of what the operator applies. */
    public static final String OPERATOR_MANAGER = "ur-vpn-operator";
    /** Field manager of what an agent applies. */
    public static final String AGENT_MANAGER = "ur-vpn-agent";

    private Names() {}
}
