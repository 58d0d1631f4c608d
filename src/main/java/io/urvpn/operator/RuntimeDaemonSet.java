package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.ResourceAmounts;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.TunnelResources;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.tunnel.TunnelType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The DaemonSet that runs an instance's daemon. It has no ownerReference: garbage collection must not end a tunnel before
 * its steps have run. A change of the pod restarts the tunnels, so nothing goes in that may change by itself.
 */
public final class RuntimeDaemonSet {
    /** Service account without rights whose token is not mounted. */
    public static final String SERVICE_ACCOUNT = "ur-vpn-runtime";
    /** Name of the container. */
    public static final String CONTAINER = "vpn";

    /** Annotation: digest of what the DaemonSet was made of, as the API server adds its defaults to the rest. */
    private static final String DIGEST = Names.GROUP + "/digest";

    /** Label of the pods: what of them somebody decided. A pod with another one than its DaemonSet's is to be replaced. */
    static final String REVISION = Names.GROUP + "/revision";

    private static final int REVISION_LENGTH = 16;

    private static final String NODE_NAME = "URVPN_NODE_NAME";
    private static final KubernetesSerialization JSON = Serialization.kubernetes();
    private static final long GRACE_SECONDS = 10;
    private static final Map<String, Quantity> DEFAULT_REQUESTS =
            Map.of("cpu", new Quantity("10m"), "memory", new Quantity("32Mi"));

    private final OperatorSettings settings;

    public RuntimeDaemonSet(OperatorSettings settings) {
        this.settings = settings;
    }

    /**
     * The DaemonSet of an instance.
     *
     * @param image the image that is pinned for the instance
     * @param configuration what its pods get to see of the Secret
     */
    public DaemonSet of(VpnInstance instance, String image, PodConfiguration configuration) {
        DaemonSet wanted = build(instance, image, configuration);
        String content = JSON.asJson(wanted.getSpec());
        wanted.getMetadata().setAnnotations(Map.of(DIGEST, ObjectNames.sha256(content)));
        return wanted;
    }

    private DaemonSet build(VpnInstance instance, String image, PodConfiguration configuration) {
        String uid = instance.getMetadata().getUid();
        Map<String, String> labels = ObjectNames.labels(instance.getMetadata().getName(), uid);
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withName(ObjectNames.daemonSet(uid))
                .withNamespace(settings.namespace())
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Map.of(Names.LABEL_INSTANCE_UID, uid))
                .endSelector()
                // Kubernetes' own roll looks at the pod only; RuntimeRoll waits for the tunnel
                .withNewUpdateStrategy()
                .withType("OnDelete")
                .endUpdateStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .addToLabels(REVISION, revision(instance, image, configuration))
                .endMetadata()
                .withSpec(pod(instance, image, configuration))
                .endTemplate()
                .endSpec()
                .build();
    }

    /**
     * What a running pod is replaced for: image, configuration, resources and tolerations. The rest takes effect when a pod
     * is made anew anyway, so that neither another node selector, nor a file of the configuration of a node that joins, nor
     * an operator that builds its pods otherwise restarts a tunnel.
     */
    private static String revision(VpnInstance instance, String image, PodConfiguration configuration) {
        List<String> decided = List.of(
                image,
                instance.getSpec().configSecretRef().name(),
                configuration
                        .plainKey()
                        .map(plain -> plain.key() + "@" + plain.node())
                        .orElse(""),
                JSON.asJson(instance.getSpec().resources()),
                JSON.asJson(instance.getSpec().tolerations()));
        return ObjectNames.sha256(String.join("\n", decided)).substring(0, REVISION_LENGTH);
    }

    /** The revision of a pod, or of the pods that a DaemonSet makes, by their labels; {@code null} where there is none. */
    static String revision(ObjectMeta metadata) {
        return metadata.getLabels() == null ? null : metadata.getLabels().get(REVISION);
    }

    /** True where the existing DaemonSet was made of the same. */
    public static boolean same(DaemonSet existing, DaemonSet wanted) {
        return Objects.equals(digest(existing), digest(wanted));
    }

    private static String digest(DaemonSet daemonSet) {
        Map<String, String> annotations = daemonSet.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(DIGEST);
    }

    private PodSpec pod(VpnInstance instance, String image, PodConfiguration configuration) {
        return new PodSpecBuilder()
                .withServiceAccountName(SERVICE_ACCOUNT)
                .withAutomountServiceAccountToken(false)
                .withHostNetwork(true)
                .withPriorityClassName(settings.runtimePriorityClass().orElse(null))
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withNodeSelector(instance.getSpec().nodeSelector())
                .withTolerations(Eligibility.tolerations(instance.getSpec()))
                .withImagePullSecrets(settings.imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withContainers(container(instance, image, configuration))
                .withVolumes(volumes(instance, configuration))
                .build();
    }

    private Container container(VpnInstance instance, String image, PodConfiguration configuration) {
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withEnv(environment(instance))
                .withResources(resources(instance.getSpec().resources()))
                .withNewSecurityContext()
                .withRunAsUser(0L)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .withAdd(capabilities(instance.getSpec().type()))
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withVolumeMounts(mounts(instance, configuration))
                .build();
    }

    /** charon keeps the second one for a port of its own below 1024, as that of IKE is. */
    private static List<String> capabilities(VpnType type) {
        return type == VpnType.IPSEC ? List.of("NET_ADMIN", "NET_BIND_SERVICE") : List.of("NET_ADMIN");
    }

    private static List<EnvVar> environment(VpnInstance instance) {
        List<EnvVar> environment = new ArrayList<>(List.of(
                variable("URVPN_INSTANCE_UID", instance.getMetadata().getUid()),
                variable("URVPN_INSTANCE_NAME", instance.getMetadata().getName()),
                variable("URVPN_TYPE", typeName(instance.getSpec().type())),
                variable("URVPN_INTERFACE", ObjectNames.interfaceName(instance)),
                field("URVPN_POD_UID", "metadata.uid"),
                field(NODE_NAME, "spec.nodeName")));
        // so that a launcher which finds no key waits for one, instead of running without
        if (generatesIdentity(instance)) {
            environment.add(variable("URVPN_IDENTITY", "GeneratePerNode"));
        }
        return environment;
    }

    private static boolean generatesIdentity(VpnInstance instance) {
        return instance.getSpec().identity() == IdentitySource.GENERATE_PER_NODE;
    }

    /** The type as the user writes it. */
    static String typeName(VpnType type) {
        return switch (type) {
            case WIREGUARD -> "WireGuard";
            case OPENVPN -> "OpenVPN";
            case IPSEC -> "IPsec";
        };
    }

    private static List<VolumeMount> mounts(VpnInstance instance, PodConfiguration configuration) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(new VolumeMountBuilder()
                .withName("state")
                .withMountPath("/run/ur-vpn")
                .build());
        mounts.addAll(configuration.mounts("$(" + NODE_NAME + ")"));
        if (generatesIdentity(instance)) {
            mounts.add(PodConfiguration.plainMount(TunnelType.WIREGUARD_GENERATED));
        }
        mounts.add(new VolumeMountBuilder()
                .withName("tun")
                .withMountPath("/dev/net/tun")
                .build());
        mounts.add(
                new VolumeMountBuilder().withName("tmp").withMountPath("/tmp").build());
        return mounts;
    }

    private List<Volume> volumes(VpnInstance instance, PodConfiguration configuration) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(new VolumeBuilder()
                .withName("state")
                .withNewHostPath()
                .withPath(settings.runtimeDirectory() + "/"
                        + instance.getMetadata().getUid())
                .withType("DirectoryOrCreate")
                .endHostPath()
                .build());
        volumes.addAll(
                configuration.volumes(instance.getSpec().configSecretRef().name()));
        volumes.add(new VolumeBuilder()
                .withName("tun")
                .withNewHostPath()
                .withPath("/dev/net/tun")
                .withType("CharDevice")
                .endHostPath()
                .build());
        volumes.add(new VolumeBuilder()
                .withName("tmp")
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(new Quantity("16Mi"))
                .endEmptyDir()
                .build());
        return volumes;
    }

    /** A request that is not written is the limit where there is one, as Kubernetes has it, else ours. */
    private static ResourceRequirements resources(TunnelResources written) {
        Map<String, Quantity> requests = amounts(written == null ? null : written.requests());
        Map<String, Quantity> limits = amounts(written == null ? null : written.limits());
        DEFAULT_REQUESTS.forEach((name, amount) -> requests.putIfAbsent(name, limits.getOrDefault(name, amount)));
        return new ResourceRequirementsBuilder()
                .withRequests(requests)
                .withLimits(limits.isEmpty() ? null : limits)
                .build();
    }

    private static Map<String, Quantity> amounts(ResourceAmounts written) {
        Map<String, Quantity> amounts = new TreeMap<>();
        if (written != null && written.cpu() != null) {
            amounts.put("cpu", new Quantity(written.cpu()));
        }
        if (written != null && written.memory() != null) {
            amounts.put("memory", new Quantity(written.memory()));
        }
        return amounts;
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static EnvVar field(String name, String path) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath(path)
                .endFieldRef()
                .endValueFrom()
                .build();
    }
}
