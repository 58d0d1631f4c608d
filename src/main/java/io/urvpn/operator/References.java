package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;

/** Objects as Events name them. */
final class References {
    private static final String VERSION = Names.GROUP + "/" + Names.VERSION;

    private References() {}

    static ObjectReference of(HasMetadata object) {
        return reference(
                object.getKind(),
                object.getMetadata().getName(),
                object.getMetadata().getUid());
    }

    /** Of a VpnInstance that may have gone. */
    static ObjectReference of(InstanceReference instance) {
        return reference("VpnInstance", instance.name(), instance.uid());
    }

    private static ObjectReference reference(String kind, String name, String uid) {
        return new ObjectReferenceBuilder()
                .withApiVersion(VERSION)
                .withKind(kind)
                .withName(name)
                .withUid(uid)
                .build();
    }
}
