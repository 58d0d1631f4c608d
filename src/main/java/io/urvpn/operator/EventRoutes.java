package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.OperationPhase;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which objects are looked at again when something else changed. JOSDK's own event sources would keep a cache for each
 * reconciler and, from 5.3 on, drop other writers' changes; these keep one for both.
 */
final class EventRoutes implements Triggers {
    private static final String BY_UID = "uid";
    private static final String BY_SECRET = "secret";

    private final SimpleInboundEventSource<VpnInstance> instanceEvents = new SimpleInboundEventSource<>("cluster");
    private final SimpleInboundEventSource<VpnCleanup> cleanupEvents = new SimpleInboundEventSource<>("cluster");
    private volatile IndexerResourceCache<VpnInstance> instances;
    private volatile ClusterCache cache;
    private volatile SilentNodes silent;
    private volatile boolean open;

    SimpleInboundEventSource<VpnInstance> instanceEvents() {
        return instanceEvents;
    }

    SimpleInboundEventSource<VpnCleanup> cleanupEvents() {
        return cleanupEvents;
    }

    /** Before the start: the instances themselves, as their reconciler caches them. */
    void instances(IndexerResourceCache<VpnInstance> primaries) {
        primaries.addIndexers(Map.of(
                BY_UID, instance -> List.of(instance.getMetadata().getUid()),
                BY_SECRET,
                        instance -> List.of(instance.getSpec().configSecretRef().name())));
        this.instances = primaries;
    }

    /** Before the start: all the rest, and which nodes are silent by it. */
    void cache(ClusterCache everythingElse, SilentNodes silentNodes) {
        this.cache = everythingElse;
        this.silent = silentNodes;
    }

    /**
     * After the start, when the primaries can be asked for. Until then nothing is passed on, and nothing is missed: each
     * primary is reconciled once at the start, and once more now, for what happened in between.
     */
    void open() {
        open = true;
        primaries().forEach(instance -> toInstance(instance.getMetadata().getName()));
        toCleanups(cache.cleanups());
    }

    @Override
    public void attachment(Optional<VpnAttachment> before, Optional<VpnAttachment> after) {
        VpnAttachment attachment = after.or(() -> before).orElseThrow();
        List<VpnCleanup> cleanups =
                cache.cleanups(attachment.getSpec().instance().uid());
        // what happens on the way of a cleanup is its own matter; the instance waits for the end
        if (after.isEmpty() || cleanups.stream().noneMatch(EventRoutes::underWay)) {
            toInstance(attachment.getSpec().instance().name());
        }
        toCleanups(cleanups);
    }

    @Override
    public void cleanup(Optional<VpnCleanup> before, Optional<VpnCleanup> after) {
        toInstance(after.or(() -> before).orElseThrow().getSpec().instance().name());
    }

    @Override
    public void agent(Optional<VpnNode> before, Optional<VpnNode> after) {
        String node = after.or(() -> before).orElseThrow().getMetadata().getName();
        cache.attachmentsOn(node).stream()
                .filter(attachment -> attachment.getSpec().detach() != null || anotherMachine(before, after))
                .forEach(attachment -> attachment(Optional.empty(), Optional.of(attachment)));
        lookForSilence(node);
    }

    /** Passes on that a node has fallen silent, which comes with time and not with an event, or is heard of again. */
    void lookForSilence(String node) {
        if (silent.changed(node)) {
            cache.attachmentsOn(node).stream()
                    .forEach(attachment ->
                            toInstance(attachment.getSpec().instance().name()));
        }
    }

    /** A heartbeat or a sweep of the same machine changes nothing for what is attached there. */
    private static boolean anotherMachine(Optional<VpnNode> before, Optional<VpnNode> after) {
        return !machineKey(before).equals(machineKey(after));
    }

    private static Optional<String> machineKey(Optional<VpnNode> node) {
        return node.map(VpnNode::getStatus).map(VpnNodeStatus::machineKey);
    }

    @Override
    public void node(Optional<Node> before, Optional<Node> after) {
        primaries().forEach(instance -> toInstance(instance.getMetadata().getName()));
        toCleanups(cache.cleanups().stream().filter(EventRoutes::underWay).toList());
    }

    @Override
    public void secret(Optional<Secret> before, Optional<Secret> after) {
        String name = after.or(() -> before).orElseThrow().getMetadata().getName();
        indexed(BY_SECRET, name)
                .forEach(instance -> toInstance(instance.getMetadata().getName()));
    }

    @Override
    public void daemonSet(Optional<DaemonSet> before, Optional<DaemonSet> after) {
        ofInstance(after.or(() -> before).orElseThrow());
    }

    @Override
    public void pod(Optional<Pod> before, Optional<Pod> after) {
        ofInstance(after.or(() -> before).orElseThrow());
    }

    private void ofInstance(HasMetadata object) {
        String uid = object.getMetadata().getLabels().get(Names.LABEL_INSTANCE_UID);
        List<VpnCleanup> cleanups = cache.cleanups(uid);
        if (cleanups.stream().noneMatch(EventRoutes::underWay)) {
            indexed(BY_UID, uid)
                    .forEach(instance -> toInstance(instance.getMetadata().getName()));
        }
        toCleanups(cleanups);
    }

    static boolean underWay(VpnCleanup cleanup) {
        return cleanup.getStatus() == null || cleanup.getStatus().phase() != OperationPhase.COMPLETED;
    }

    private Stream<VpnInstance> primaries() {
        return open ? instances.list() : Stream.empty();
    }

    /** All instances, as they are known here; none before everything was read. */
    List<VpnInstance> instances() {
        return primaries().toList();
    }

    private List<VpnInstance> indexed(String index, String key) {
        return open ? instances.byIndex(index, key) : List.of();
    }

    /** Those that are called so, or that messages show under this name; an object of that very name goes first. */
    List<VpnInstance> instancesNamed(String name) {
        List<VpnInstance> shown = primaries()
                .filter(instance -> ObjectNames.displayName(instance).equals(name)
                        || instance.getMetadata().getName().equals(name))
                .toList();
        List<VpnInstance> called = shown.stream()
                .filter(instance -> instance.getMetadata().getName().equals(name))
                .toList();
        return called.isEmpty() ? shown : called;
    }

    /** True where an instance of this uid is known; what is not known here is asked for live. */
    boolean knows(String uid) {
        return !indexed(BY_UID, uid).isEmpty();
    }

    void toInstance(String name) {
        instanceEvents.propagateEvent(new ResourceID(name));
    }

    void toCleanups(Collection<VpnCleanup> cleanups) {
        cleanups.forEach(cleanup -> cleanupEvents.propagateEvent(
                new ResourceID(cleanup.getMetadata().getName())));
    }
}
