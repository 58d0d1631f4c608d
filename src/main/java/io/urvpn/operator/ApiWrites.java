package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the operator writes. Each write is safe against a stale read: it names uid and resourceVersion of what
 * was read, or it creates under a name that follows from what is to be created.
 */
public final class ApiWrites {
    /** HTTP status of a change that is against the rules of its kind, or whose own test failed (RFC 9110, 15.5.21). */
    static final int UNPROCESSABLE = 422;

    private final KubernetesClient client;

    public ApiWrites(KubernetesClient client) {
        this.client = client;
    }

    /** Creates the attachment; one of that name that exists already is left as it is. */
    public void create(VpnAttachment attachment) {
        createOnce(attachment);
    }

    /** Creates the cleanup; one of that name that exists already is left as it is. */
    public void create(VpnCleanup cleanup) {
        createOnce(cleanup);
    }

    private void createOnce(HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    /**
     * Replaces the spec of the attachment that was read; not server-side apply, because the attachment was created with a
     * whole spec and what is left out must go.
     *
     * @return what is stored now; empty where somebody else wrote in between
     */
    public Optional<VpnAttachment> replaceSpec(VpnAttachment read, VpnAttachmentSpec spec) {
        return patchAsRead(read, Map.of("op", "replace", "path", "/spec", "value", spec));
    }

    /**
     * Lets the attachment go: takes our finalizer off and deletes the object.
     *
     * @return false where somebody else wrote in between, so that it is to be tried again
     */
    public boolean release(VpnAttachment read) {
        return withoutFinalizer(read, Names.FINALIZER_NODE_STATE)
                .filter(released -> released.isMarkedForDeletion() || delete(released))
                .isPresent();
    }

    /** Takes our finalizer off the instance that was read; false where somebody else wrote in between. */
    public boolean letGo(VpnInstance read) {
        return withoutFinalizer(read, Names.FINALIZER_CLEANUP).isPresent();
    }

    /** What is stored once the finalizer has gone; empty where somebody else wrote in between. */
    private <T extends HasMetadata> Optional<T> withoutFinalizer(T read, String finalizer) {
        int index = read.getFinalizers().indexOf(finalizer);
        return index < 0
                ? Optional.of(read)
                : patchAsRead(read, Map.of("op", "remove", "path", "/metadata/finalizers/" + index));
    }

    /** Deletes the object as it was read; false where somebody else wrote in between. */
    public boolean delete(HasMetadata read) {
        try {
            client.resource(read)
                    .lockResourceVersion(read.getMetadata().getResourceVersion())
                    .delete();
            return true;
        } catch (KubernetesClientException e) {
            refuseUnlessStale(e);
            return false;
        }
    }

    /**
     * Gives the Secret that was read this data.
     *
     * @return what is stored now; empty where somebody else wrote in between
     */
    public Optional<Secret> data(Secret read, Map<String, String> data) {
        return patchAsRead(read, Map.of("op", "add", "path", "/data", "value", data));
    }

    /**
     * Sets an annotation of the object that was read, or removes it where the value is {@code null}; in another life of
     * that name nothing is written.
     */
    public void annotate(HasMetadata read, String key, String value) {
        Map<String, Object> annotations = new HashMap<>();
        annotations.put(key, value);
        patchMetadata(read, Map.of("uid", read.getMetadata().getUid(), "annotations", annotations));
    }

    /**
     * Sets these annotations of the object that was read, beside those that it has.
     *
     * @return what is stored now; empty where somebody else wrote in between
     */
    public <T extends HasMetadata> Optional<T> annotateAsRead(T read, Map<String, String> annotations) {
        Map<String, String> all = new HashMap<>(annotations);
        if (read.getMetadata().getAnnotations() != null) {
            read.getMetadata().getAnnotations().forEach(all::putIfAbsent);
        }
        return patchAsRead(read, Map.of("op", "add", "path", "/metadata/annotations", "value", all));
    }

    /** Removes an annotation where it still has this value: what somebody wrote meanwhile stays. */
    public void removeAnnotation(HasMetadata read, String key, String value) {
        String path = "/metadata/annotations/" + key.replace("~", "~0").replace("/", "~1");
        List<Map<String, String>> patch = List.of(
                Map.of(
                        "op",
                        "test",
                        "path",
                        "/metadata/uid",
                        "value",
                        read.getMetadata().getUid()),
                Map.of("op", "test", "path", path, "value", value),
                Map.of("op", "remove", "path", path));
        try {
            client.resource(read)
                    .patch(
                            PatchContext.of(PatchType.JSON),
                            client.getKubernetesSerialization().asJson(patch));
        } catch (KubernetesClientException e) {
            // 422: a test of the patch failed, so it is another value or another life
            if (e.getCode() != UNPROCESSABLE) {
                refuseUnlessStale(e);
            }
        }
    }

    /** Gives the cleanup its finalizer, where it has none and is not going. */
    public void hold(VpnCleanup read) {
        patchMetadata(
                read,
                Map.of(
                        "uid",
                        read.getMetadata().getUid(),
                        "resourceVersion",
                        read.getMetadata().getResourceVersion(),
                        "finalizers",
                        List.of(Names.FINALIZER_EVIDENCE)));
    }

    /** Takes our finalizer off the cleanup that was read; false where somebody else wrote in between. */
    public boolean letGo(VpnCleanup read) {
        return withoutFinalizer(read, Names.FINALIZER_EVIDENCE).isPresent();
    }

    private void patchMetadata(HasMetadata read, Map<String, ?> metadata) {
        try {
            client.resource(read)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            client.getKubernetesSerialization().asJson(Map.of("metadata", metadata)));
        } catch (KubernetesClientException e) {
            refuseUnlessStale(e);
        }
    }

    /** Creates the DaemonSet or changes what differs. */
    public void apply(DaemonSet daemonSet) {
        client.resource(daemonSet).patch(apply());
    }

    /** Ends a DaemonSet; its pods go with it. */
    public void end(DaemonSet daemonSet) {
        client.resource(daemonSet).delete();
    }

    /** Ends a pod within its own grace period. */
    public void end(Pod pod) {
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .delete();
    }

    /** Writes the whole status of the instance that was read; false where somebody else wrote in between. */
    public boolean status(VpnInstance read, VpnInstanceStatus status) {
        VpnInstance bare = new VpnInstance();
        bare.setStatus(status);
        return status(read, bare);
    }

    /** Writes the whole status of the cleanup that was read; false where somebody else wrote in between. */
    public boolean status(VpnCleanup read, VpnCleanupStatus status) {
        VpnCleanup bare = new VpnCleanup();
        bare.setStatus(status);
        return status(read, bare);
    }

    /** The uid keeps server-side apply from making a new object of one that is gone. */
    private boolean status(HasMetadata read, HasMetadata bare) {
        bare.setMetadata(new ObjectMetaBuilder()
                .withName(read.getMetadata().getName())
                .withUid(read.getMetadata().getUid())
                .withResourceVersion(read.getMetadata().getResourceVersion())
                .build());
        try {
            client.resource(bare).subresource("status").patch(apply());
            return true;
        } catch (KubernetesClientException e) {
            refuseUnlessStale(e);
            return false;
        }
    }

    private <T extends HasMetadata> Optional<T> patchAsRead(T read, Map<String, ?> change) {
        // The API server takes a written resourceVersion as a condition and answers 409 when it is not the stored one.
        Map<String, ?> asRead = Map.of(
                "op",
                "replace",
                "path",
                "/metadata/resourceVersion",
                "value",
                read.getMetadata().getResourceVersion());
        try {
            return Optional.ofNullable(client.resource(read)
                    .patch(
                            PatchContext.of(PatchType.JSON),
                            client.getKubernetesSerialization().asJson(List.of(asRead, change))));
        } catch (KubernetesClientException e) {
            refuseUnlessStale(e);
            return Optional.empty();
        }
    }

    private static void refuseUnlessStale(KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
            throw e;
        }
    }

    private static PatchContext apply() {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(Names.OPERATOR_MANAGER)
                .withForce(true)
                .build();
    }
}
