package io.urvpn.operator;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.InstanceReference;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Operation;
import io.urvpn.api.v1alpha1.OrphanAction;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec;
import io.urvpn.api.v1alpha1.VpnAttachmentSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupSpecBuilder;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.cleanup.OperationId;
import io.urvpn.notify.EventRecorder;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what a node's sweep reports of instances, after live reads: what lives gets its attachment back, what is dead is
 * ordered to be taken down. There is one cleaning path, so nothing is removed here.
 */
final class OrphanAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanAnswers.class);
    /** So many dead instances at once on one node, and more than a tenth of all, look like a lost etcd, not like a cleanup. */
    private static final int MANY = 3;

    private static final int A_TENTH = 10;

    /**
     * So many operations for instances that vanished may stand for one node without a person: an agent whose token was stolen
     * can invent orphans, and each would cost an object of its own in the API.
     */
    private static final int MOST = 20;

    private final OperatorSettings settings;
    private final ClusterCache cache;
    private final EventRoutes routes;
    private final LiveReads live;
    private final ApiWrites writes;
    private final OrphanEvents events;
    private final Clock clock;

    OrphanAnswers(
            OperatorSettings settings,
            ClusterCache cache,
            EventRoutes routes,
            LiveReads live,
            ApiWrites writes,
            EventRecorder events,
            Clock clock) {
        this.settings = settings;
        this.cache = cache;
        this.routes = routes;
        this.live = live;
        this.writes = writes;
        this.events = new OrphanEvents(events);
        this.clock = clock;
    }

    /** Looks at what one node reports. */
    void answer(VpnNode node) {
        Sweep sweep = node.getStatus() == null ? null : node.getStatus().sweep();
        events.of(node);
        List<Orphan> unanswered = sweep == null || sweep.orphans() == null
                ? List.of()
                : unanswered(node.getMetadata().getName(), sweep.orphans());
        List<Orphan> dead = new ArrayList<>();
        for (Orphan orphan : unanswered) {
            Optional<VpnInstance> instance = live.instance(orphan.instanceName(), orphan.instanceUid());
            if (instance.isEmpty()) {
                dead.add(orphan);
            } else {
                living(node, orphan, instance.get());
            }
        }
        Optional<String> full = full(node, dead);
        if (full.isPresent() && !asked(node)) {
            hold(node, full.get());
            dead.removeIf(this::unexplained);
        }
        // where the agent has carried an order through already, nothing is left to lose: only the record is behind
        dead.stream().filter(OrphanAnswers::removed).forEach(orphan -> dead(node, orphan));
        dead.removeIf(OrphanAnswers::removed);
        if (settings.enableAutoCleanup() && mayAct(node, sweep, dead, full.isPresent())) {
            dead.forEach(orphan -> dead(node, orphan));
        }
    }

    /** Why no further operation is begun for what this node reports; nothing where there is room. */
    private Optional<String> full(VpnNode node, List<Orphan> dead) {
        String name = node.getMetadata().getName();
        long asked = dead.stream().filter(this::unexplained).count();
        long there = cache.cleanups().stream()
                .map(VpnCleanup::getSpec)
                .filter(spec -> spec.operation() == Operation.INSTANCE_VANISHED)
                .filter(spec -> spec.nodes().stream().anyMatch(covered -> name.equals(covered.node())))
                .count();
        return asked == 0 || there + asked <= MOST
                ? Optional.empty()
                : Optional.of(
                        "this node reports " + asked + " more instances that are gone from the API, beside " + there
                                + " for which there is a VpnCleanup; beyond " + MOST
                                + " nothing is done before a person sets the annotation "
                                + Names.ANNOTATION_RETRY + " on this VpnNode");
    }

    private boolean unexplained(Orphan orphan) {
        return cache.cleanups(orphan.instanceUid()).isEmpty();
    }

    private static Map<String, String> annotations(VpnNode node) {
        return Optional.ofNullable(node.getMetadata().getAnnotations()).orElse(Map.of());
    }

    private static boolean asked(VpnNode node) {
        return annotations(node).containsKey(Names.ANNOTATION_RETRY);
    }

    private void hold(VpnNode node, String why) {
        if (!why.equals(annotations(node).get(Names.ANNOTATION_HELD))) {
            LOG.warn("node {}: {}", node.getMetadata().getName(), why);
            writes.annotate(node, Names.ANNOTATION_HELD, why);
        }
    }

    private static boolean removed(Orphan orphan) {
        return orphan.action() == OrphanAction.REMOVED;
    }

    /** One for each instance of which the registry says enough, where no attachment on this node explains it. */
    private List<Orphan> unanswered(String node, List<Orphan> orphans) {
        Map<String, Orphan> byInstance = new LinkedHashMap<>();
        orphans.stream()
                .filter(orphan -> orphan.instanceUid() != null
                        && orphan.instanceName() != null
                        && orphan.type() != null
                        && orphan.interfaceName() != null)
                .filter(orphan -> live.attachment(ObjectNames.attachment(orphan.instanceUid(), node))
                        .isEmpty())
                .forEach(orphan -> byInstance.putIfAbsent(orphan.instanceUid(), orphan));
        return List.copyOf(byInstance.values());
    }

    /** Its own reconciler attaches it where it is wanted; where it is not, what the node still has is taken down. */
    private void living(VpnNode node, Orphan orphan, VpnInstance instance) {
        String name = node.getMetadata().getName();
        boolean wanted = live.node(name)
                .filter(there -> new Eligibility(instance.getSpec()).keeps(there))
                .isPresent();
        boolean suspended = Boolean.TRUE.equals(instance.getSpec().suspend());
        Optional<VpnCleanup> cleanup = cleanupOf(node, orphan).filter(EventRoutes::underWay);
        if (cleanup.isPresent()) {
            detach(node, orphan, cleanup.get());
        } else if ((wanted && !suspended) || instance.isMarkedForDeletion()) {
            routes.toInstance(instance.getMetadata().getName());
        } else {
            String uid = ObjectNames.attachment(orphan.instanceUid(), name);
            create(
                    node,
                    orphan,
                    OperationId.ofGeneration(
                            clock.instant().getEpochSecond(), orphan.instanceName(), uid.substring(uid.length() - 8)),
                    "the node still had it, and it is not selected",
                    CleanupPolicies.complete(instance.getSpec().cleanup(), settings.cleanup()));
        }
    }

    /** Too many at once need a person: an empty list after a restore must not take every tunnel down. */
    private boolean mayAct(VpnNode node, Sweep sweep, List<Orphan> dead, boolean full) {
        String held = annotations(node).get(Names.ANNOTATION_HELD);
        long unexplained = dead.stream().filter(this::unexplained).count();
        int entries = sweep == null || sweep.entries() == null ? 0 : sweep.entries();
        boolean many = unexplained >= MANY && unexplained * A_TENTH > entries;
        String retry = annotations(node).get(Names.ANNOTATION_RETRY);
        if (many && retry == null) {
            hold(
                    node,
                    unexplained + " of " + entries
                            + " instances on this node are gone from the API and no VpnCleanup explains it; nothing is done before a"
                            + " person sets the annotation " + Names.ANNOTATION_RETRY + " on this VpnNode");
            return false;
        }
        if (held != null && (!full || retry != null)) {
            writes.annotate(node, Names.ANNOTATION_HELD, null);
        }
        if (retry != null) {
            LOG.warn(
                    "node {}: orphans are cleaned as asked: {}",
                    node.getMetadata().getName(),
                    retry);
            writes.removeAnnotation(node, Names.ANNOTATION_RETRY, retry);
        }
        return true;
    }

    private void dead(VpnNode node, Orphan orphan) {
        String name = node.getMetadata().getName();
        Optional<VpnCleanup> known = cleanupOf(node, orphan);
        if (known.isPresent()) {
            if (removed(orphan) || !decidedByAPerson(name, known.get())) {
                detach(node, orphan, known.get());
            }
            return;
        }
        InstanceReference instance = new InstanceReference(orphan.instanceName(), orphan.instanceUid());
        // its own reconciler makes the attachment: the operation is on record first
        writes.create(Cleanups.of(
                OperationId.ofGeneration(VanishedInstances.VANISHED, instance.name(), instance.uid()),
                VpnCleanupSpecBuilder.builder()
                        .operation(Operation.INSTANCE_VANISHED)
                        .instance(instance)
                        .type(orphan.type())
                        .interfaceName(orphan.interfaceName())
                        .requestedAt(clock.instant())
                        .nodes(List.of(new CoveredNode(name, ObjectNames.attachment(instance.uid(), name))))
                        .policy(settings.cleanup())
                        .build()));
    }

    /** The operation that this node's part belongs to: the one that has it on record, else the last of the instance. */
    private Optional<VpnCleanup> cleanupOf(VpnNode node, Orphan orphan) {
        String name = node.getMetadata().getName();
        List<VpnCleanup> all = cache.cleanups(orphan.instanceUid());
        return all.stream()
                .filter(cleanup -> onRecord(name, cleanup).isPresent())
                .findFirst()
                .or(() -> all.stream()
                        .filter(cleanup -> cleanup.getSpec().operation() != Operation.SUSPEND)
                        .findFirst());
    }

    private static Optional<NodeCleanup> onRecord(String node, VpnCleanup cleanup) {
        return Optional.ofNullable(cleanup.getStatus()).map(VpnCleanupStatus::nodes).orElse(List.of()).stream()
                .filter(entry -> node.equals(entry.node()))
                .findFirst();
    }

    /** The node had been read, and somebody ended it all the same: that stands. */
    private static boolean decidedByAPerson(String node, VpnCleanup cleanup) {
        return onRecord(node, cleanup)
                .filter(entry -> entry.outcome() == Outcome.FORCED && entry.verdict() != null)
                .isPresent();
    }

    private void detach(VpnNode node, Orphan orphan, VpnCleanup cleanup) {
        create(
                node,
                orphan,
                cleanup.getMetadata().getName(),
                "the machine is back and still had it",
                cleanup.getSpec().policy());
    }

    private void create(VpnNode node, Orphan orphan, String operationId, String reason, CleanupPolicy policy) {
        Instant now = clock.instant();
        VpnAttachmentSpec spec = VpnAttachmentSpecBuilder.builder()
                .instance(new InstanceReference(orphan.instanceName(), orphan.instanceUid()))
                .nodeName(node.getMetadata().getName())
                .type(orphan.type())
                .interfaceName(orphan.interfaceName())
                .machineKey(node.getStatus().machineKey())
                .build();
        writes.create(Attachments.of(DetachDriver.ordered(
                spec, DetachDriver.order(operationId, reason, orphan.instanceName(), policy, now))));
    }
}
