package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.urvpn.tunnel.TunnelType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the pods of an instance get to see of its Secret: each the configuration of its own node and the files that this
 * names, and nothing of another node.
 *
 * <p>Each is mounted by itself. A directory would be emptied in a running pod when the Secret changes, as the kubelet
 * writes such a volume anew beside the old one, which it removes (pkg/volume/util/atomic_writer.go); a file that is
 * mounted stays what it was. Where a key is not for a node, or is gone, the kubelet makes an empty directory in its place.
 *
 * @param plainKey the plain key of the Secret and the one node that uses it, if one does
 * @param files keys of the Secret that are files of a configuration, by node, sorted
 */
public record PodConfiguration(Optional<PlainKey> plainKey, Map<String, List<String>> files) {
    /** Nothing but configurations that are named for their nodes. */
    public static final PodConfiguration NONE = new PodConfiguration(Optional.empty(), Map.of());

    private static final String CONFIGURATION = "configuration";
    private static final String FILES = "files";
    private static final String DIRECTORY = "/etc/ur-vpn/";
    private static final int OWNER_READS = 0400;

    /** A key of the Secret that is not named for a node, and the node that uses it. */
    public record PlainKey(String key, String node) {}

    public PodConfiguration {
        Map<String, List<String>> sorted = new TreeMap<>();
        files.forEach((node, keys) -> sorted.put(node, keys.stream().sorted().toList()));
        files = sorted;
    }

    /** What the configurations that can be used ask for. */
    public static PodConfiguration of(Identities identities, TunnelType type) {
        return new PodConfiguration(identities.plainKey(type), identities.files());
    }

    /** What an existing DaemonSet hands out. */
    public static PodConfiguration of(DaemonSet existing) {
        PodSpec pod = existing.getSpec().getTemplate().getSpec();
        Map<String, List<String>> files = new TreeMap<>();
        items(pod, FILES)
                .forEach(item -> files.computeIfAbsent(node(item), node -> new ArrayList<>())
                        .add(item.getKey()));
        Optional<PlainKey> plain = items(pod, CONFIGURATION)
                .map(item -> new PlainKey(item.getKey(), item.getPath().replaceFirst("\\.conf$", "")))
                .findFirst();
        return new PodConfiguration(plain, files);
    }

    /** True where the pods that the DaemonSet makes now see a file on this node that this pod does not. */
    static boolean lacksFile(Pod pod, DaemonSet daemonSet, String node) {
        return !keys(pod.getSpec(), node)
                .containsAll(keys(daemonSet.getSpec().getTemplate().getSpec(), node));
    }

    /** The volume of a pod that has files, with those of the pod's own node only. */
    static List<Volume> ownFiles(Pod pod) {
        List<KeyToPath> own = pod.getSpec() == null
                ? List.of()
                : items(pod.getSpec(), FILES)
                        .filter(item -> node(item).equals(pod.getSpec().getNodeName()))
                        .toList();
        return own.isEmpty() ? List.of() : List.of(volume(FILES, List.of(projection(null, own))));
    }

    private static Set<String> keys(PodSpec pod, String node) {
        return pod == null
                ? Set.of()
                : items(pod, FILES)
                        .filter(item -> node(item).equals(node))
                        .map(KeyToPath::getKey)
                        .collect(Collectors.toSet());
    }

    private static String node(KeyToPath item) {
        return item.getPath().substring(0, item.getPath().indexOf('/'));
    }

    private static Stream<KeyToPath> items(PodSpec pod, String volumeName) {
        return pod.getVolumes().stream()
                .filter(volume -> volumeName.equals(volume.getName()) && volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .map(VolumeProjection::getSecret)
                .filter(Objects::nonNull)
                .flatMap(secret -> secret.getItems().stream());
    }

    /**
     * This, and of another what stands for nodes whose configuration cannot be used at present: what is missing later
     * takes nothing away.
     */
    public PodConfiguration orElse(PodConfiguration before, Identities identities) {
        Map<String, List<String>> both = new TreeMap<>(before.files);
        both.keySet().retainAll(identities.problems().keySet());
        both.putAll(files);
        return new PodConfiguration(plainKey.or(before::plainKey), both);
    }

    /**
     * Mounts of the container.
     *
     * @param node expression for the name of the pod's own node
     */
    List<VolumeMount> mounts(String node) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(mount(CONFIGURATION, "tunnel.conf", node + ".conf"));
        files.values().stream()
                .flatMap(Collection::stream)
                .distinct()
                .sorted()
                .forEach(key -> mounts.add(mount(FILES, "files/" + key, node + "/" + key)));
        return mounts;
    }

    private static VolumeMount mount(String volume, String path, String within) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(DIRECTORY + path)
                .withSubPathExpr(within)
                .withReadOnly(true)
                .build();
    }

    /**
     * Mount of the plain key for every node that has none of its own. It holds no identity, so each may see it, and its
     * mount names no node: one that joins changes no DaemonSet.
     */
    static VolumeMount plainMount(TunnelType type) {
        return new VolumeMountBuilder()
                .withName(CONFIGURATION)
                .withMountPath(DIRECTORY + "plain.conf")
                .withSubPath(type.plainKey())
                .withReadOnly(true)
                .build();
    }

    /** Volumes of the pod. */
    List<Volume> volumes(String secret) {
        List<Volume> volumes = new ArrayList<>();
        List<VolumeProjection> configurations = new ArrayList<>();
        configurations.add(projection(secret, List.of()));
        plainKey.ifPresent(plain ->
                configurations.add(projection(secret, List.of(item(plain.key(), plain.node() + ".conf")))));
        volumes.add(volume(CONFIGURATION, configurations));
        if (!files.isEmpty()) {
            List<KeyToPath> items = new ArrayList<>();
            files.forEach((node, keys) -> keys.forEach(key -> items.add(item(key, node + "/" + key))));
            volumes.add(volume(FILES, List.of(projection(secret, items))));
        }
        return volumes;
    }

    private static Volume volume(String name, List<VolumeProjection> sources) {
        return new VolumeBuilder()
                .withName(name)
                .withNewProjected()
                .withDefaultMode(OWNER_READS)
                .withSources(sources)
                .endProjected()
                .build();
    }

    /** Optional, so that a Secret that is gone costs no FailedMount when a pod of a running tunnel starts again. */
    private static VolumeProjection projection(String secret, List<KeyToPath> items) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(secret)
                .withOptional(true)
                .withItems(items)
                .endSecret()
                .build();
    }

    private static KeyToPath item(String key, String path) {
        return new KeyToPathBuilder().withKey(key).withPath(path).build();
    }
}
