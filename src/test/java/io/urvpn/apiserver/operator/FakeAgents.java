package io.urvpn.apiserver.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Evidence;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.StateKind;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.DetachStatus;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanAnswer;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus.PlanItem;
import io.urvpn.api.v1alpha1.VpnAttachmentStatusBuilder;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Orphan;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;

/** Plays the agent of every node by writing status as an agent does, without touching any node. */
public final class FakeAgents implements AutoCloseable {
    private static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");
    private static final VerificationReport CLEAN = new VerificationReport(
            "x",
            new VerificationReport.ThreadVerification(false, false, VerificationReport.NO_THREAD),
            new VerificationReport.RoutingVerification(false, 0, VerificationReport.NO_ROUTING),
            new VerificationReport.VpnVerification(false, 0, VerificationReport.NO_VPN),
            new VerificationReport.ConfigurationVerification(false, VerificationReport.NO_CONFIGURATION));

    private final KubernetesClient client;
    private final String namespace;
    private final SharedIndexInformer<VpnAttachment> informer;
    /** Generation of an attachment whose ask was answered, where the answer itself does not tell. */
    private final Map<String, Long> answers = new ConcurrentHashMap<>();

    private final Map<String, Boolean> away = new ConcurrentHashMap<>();
    private final Map<String, Instant> starts = new ConcurrentHashMap<>();
    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final Map<String, String> owners = new ConcurrentHashMap<>();
    private final Map<String, Sweep> sweeps = new ConcurrentHashMap<>();
    /** Pods that the agents permit, by node; empty until {@link #followPods}. */
    private final Map<String, String> permitted = new ConcurrentHashMap<>();
    /** The only pod in which the tunnel of a node works. */
    private final Map<String, String> fragile = new ConcurrentHashMap<>();

    private final Set<String> down = ConcurrentHashMap.newKeySet();
    private final List<String> asks = new CopyOnWriteArrayList<>();
    private volatile SharedIndexInformer<Pod> pods;
    private volatile Function<Verdict, Verdict> answer = Function.identity();

    public FakeAgents(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.informer = client.resources(VpnAttachment.class).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(VpnAttachment added) {
                act(added);
            }

            @Override
            public void onUpdate(VpnAttachment before, VpnAttachment after) {
                act(after);
            }

            @Override
            public void onDelete(VpnAttachment gone, boolean unknown) {
                // nothing is on any node
            }
        });
    }

    /** The agent of this node registers its node. */
    public void register(String node) {
        VpnNode bare = new VpnNode();
        bare.setMetadata(new ObjectMetaBuilder().withName(node).build());
        client.resource(bare).patch(apply());
        bare.setStatus(new VpnNodeStatus("0.1.0", start(node), boot(node), key(node), null, sweeps.get(node)));
        client.resource(bare).subresource("status").patch(apply());
    }

    /** The agent of this node was started anew, perhaps in another version. */
    public void restarted(String node) {
        starts.put(node, Instant.now());
        register(node);
    }

    /** Another machine has the name of this node from now on. */
    public void machine(String node, String key) {
        keys.put(node, key);
        register(node);
    }

    /** What the sweep of this node found. */
    public void found(String node, int entries, List<Orphan> orphans) {
        Instant now = Instant.now();
        sweeps.put(node, new Sweep(true, 30, now, now.plusSeconds(30), 2L, entries, orphans.size(), 0L, null, orphans));
        register(node);
    }

    private static String boot(String node) {
        return UUID.nameUUIDFromBytes(node.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private Instant start(String node) {
        return starts.getOrDefault(node, STARTED);
    }

    private String key(String node) {
        return keys.getOrDefault(node, "key-" + node);
    }

    /** From now on each verdict is what this makes of a clean one; {@code null} for no answer. */
    public void answers(Function<Verdict, Verdict> made) {
        this.answer = made;
        answers.clear();
        informer.getStore().list().forEach(this::act);
    }

    /** The agent of this node does nothing, or works again. */
    public void away(String node, boolean isAway) {
        away.put(node, isAway);
        actOn(node);
    }

    /** From now on the tunnel on this node does not work. */
    public void tunnelFails(String node) {
        down.add(node);
        actOn(node);
    }

    /** From now on each agent permits the newest pod of its node, and speaks of that one; for one instance. */
    public void followPods() {
        pods = client.pods()
                .inNamespace(namespace)
                .withLabel(Names.LABEL_INSTANCE_UID)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Pod added) {
                        permitted.put(
                                added.getSpec().getNodeName(),
                                added.getMetadata().getUid());
                        actOn(added.getSpec().getNodeName());
                    }

                    @Override
                    public void onUpdate(Pod before, Pod after) {
                        // a pod that ends stays permitted
                    }

                    @Override
                    public void onDelete(Pod gone, boolean unknown) {
                        // the next one is to come
                    }
                });
    }

    /** The tunnel on this node works in the pod that it has now, and in no later one. */
    public void tunnelFailsWhenMadeAnew(String node) {
        fragile.put(node, permitted.get(node));
    }

    private boolean isDown(String node, String pod) {
        String works = fragile.get(node);
        return down.contains(node) || (works != null && !works.equals(pod));
    }

    private void actOn(String node) {
        informer.getStore().list().stream()
                .filter(attachment -> node.equals(attachment.getSpec().nodeName()))
                .forEach(this::act);
    }

    /** Each verification that was asked for, as node and attempt. */
    public List<String> asks() {
        return List.copyOf(asks);
    }

    private synchronized void act(VpnAttachment attachment) {
        if (away.getOrDefault(attachment.getSpec().nodeName(), false) || ofAnotherMachine(attachment)) {
            return;
        }
        VpnAttachmentStatus next =
                attachment.getSpec().desired() == DesiredState.ATTACHED ? up(attachment) : down(attachment);
        if (next == null || next.equals(attachment.getStatus())) {
            return;
        }
        VpnAttachment bare = new VpnAttachment();
        bare.setMetadata(new ObjectMetaBuilder()
                .withName(attachment.getMetadata().getName())
                .withUid(attachment.getMetadata().getUid())
                .build());
        bare.setStatus(next);
        try {
            client.resource(bare).subresource("status").patch(apply());
        } catch (KubernetesClientException e) {
            if (e.getCode() != 409 && e.getCode() != 404) {
                throw e;
            }
        }
    }

    private boolean ofAnotherMachine(VpnAttachment attachment) {
        String own = key(attachment.getSpec().nodeName());
        String asked = attachment.getSpec().machineKey();
        // an event may be from before the status: what this machine has done it knows by itself
        String told = owners.computeIfAbsent(attachment.getMetadata().getUid(), uid -> told(attachment, own));
        return (asked != null && !asked.equals(own)) || !told.equals(own);
    }

    private static String told(VpnAttachment attachment, String own) {
        return attachment.getStatus() == null || attachment.getStatus().machineKey() == null
                ? own
                : attachment.getStatus().machineKey();
    }

    private static PlanAnswer plan(VpnAttachment attachment) {
        return attachment.getSpec().plan() == null
                ? null
                : new PlanAnswer(
                        attachment.getSpec().plan().id(),
                        STARTED,
                        1,
                        List.of(new PlanItem(
                                StateKind.INTERFACE,
                                "interface " + attachment.getSpec().interfaceName())),
                        null);
    }

    private VpnAttachmentStatusBuilder base(VpnAttachment attachment) {
        String node = attachment.getSpec().nodeName();
        VpnAttachmentStatusBuilder status = attachment.getStatus() == null
                ? VpnAttachmentStatusBuilder.builder()
                : VpnAttachmentStatusBuilder.builder(attachment.getStatus());
        return status.observedGeneration(attachment.getMetadata().getGeneration())
                .machineKey(owners.get(attachment.getMetadata().getUid()))
                .plan(plan(attachment))
                .bootId(boot(node));
    }

    private VpnAttachmentStatus up(VpnAttachment attachment) {
        String node = attachment.getSpec().nodeName();
        String pod = permitted.get(node);
        boolean isDown = isDown(node, pod);
        if (isTold(attachment, isDown)
                && (pods == null || Objects.equals(attachment.getStatus().permittedPodUid(), pod))) {
            return null;
        }
        List<String> uids = client
                .pods()
                .inNamespace(namespace)
                .withLabel(
                        Names.LABEL_INSTANCE_UID,
                        attachment.getSpec().instance().uid())
                .withField("spec.nodeName", attachment.getSpec().nodeName())
                .list()
                .getItems()
                .stream()
                .map(Pod::getMetadata)
                .map(metadata -> metadata.getUid())
                .toList();
        return base(attachment)
                .podUids(uids)
                .permittedPodUid(pod)
                .table(20000)
                .conditions(List.of(new ConditionBuilder()
                        .withType("Ready")
                        .withStatus(isDown ? "False" : "True")
                        .withReason(isDown ? Reasons.WAITING_FOR_HANDSHAKE : Reasons.UP)
                        .withMessage(isDown ? "nothing was heard of the peer" : "up")
                        .withObservedGeneration(attachment.getMetadata().getGeneration())
                        .withLastTransitionTime("2026-01-01T00:00:00Z")
                        .build()))
                .build();
    }

    /** True where the status says all that there is to say, as it is when an agent's own write comes back. */
    private static boolean isTold(VpnAttachment attachment, boolean isDown) {
        VpnAttachmentStatus told = attachment.getStatus();
        return told != null
                && Objects.equals(
                        told.observedGeneration(), attachment.getMetadata().getGeneration())
                && told.podUids() != null
                && !told.podUids().isEmpty()
                && told.conditions().getFirst().getStatus().equals(isDown ? "False" : "True");
    }

    private VpnAttachmentStatus down(VpnAttachment attachment) {
        VpnAttachmentStatusBuilder status = base(attachment).conditions(detaching(attachment));
        String operation = attachment.getSpec().detach().operationId();
        if (attachment.getStatus() == null || attachment.getStatus().detach() == null) {
            Instant now = Instant.now();
            status.detach(new DetachStatus(
                    operation,
                    now,
                    now,
                    Arrays.stream(Component.values())
                            .filter(component -> component != Component.VERIFICATION_JOB)
                            .map(component -> new ComponentStatus(
                                    component, ComponentState.COMPLETED, now, now, 0L, 1, null, evidence(component)))
                            .toList()));
        }
        if (attachment.getSpec().verification() != null && !answered(attachment)) {
            asks.add(attachment.getSpec().nodeName() + " "
                    + attachment.getSpec().verification().attempt());
            Verdict verdict = answer.apply(verdict(attachment, operation));
            Long generation = attachment.getMetadata().getGeneration();
            if (verdict == null || !generation.equals(verdict.generation())) {
                answers.put(attachment.getMetadata().getUid(), generation);
            }
            if (verdict != null) {
                status.verdict(verdict);
            }
        }
        return status.build();
    }

    private static List<Condition> detaching(VpnAttachment attachment) {
        return Stream.of(Reasons.READY, Reasons.RECONCILING, Reasons.STALLED)
                .map(type -> new ConditionBuilder()
                        .withType(type)
                        .withStatus(type.equals(Reasons.RECONCILING) ? "True" : "False")
                        .withReason(type.equals(Reasons.STALLED) ? Reasons.SETTLED : Reasons.DETACHING)
                        .withMessage("the node is being detached")
                        .withObservedGeneration(attachment.getMetadata().getGeneration())
                        .withLastTransitionTime("2026-01-01T00:00:00Z")
                        .build())
                .toList();
    }

    /** Counts and words such as a tunnel with a route, a rule and a daemon leaves. */
    private static Evidence evidence(Component component) {
        EvidenceBuilder evidence = EvidenceBuilder.builder();
        return switch (component) {
            case THREAD_TERMINATION ->
                evidence.threadId("launcher 4711")
                        .stopped(true)
                        .details(List.of("withdrawn: the permit of pod 0a1b2c3d-0000-4000-8000-000000000000"))
                        .build();
            case ROUTING_RULES_CLEAR ->
                evidence.rulesCleared(1)
                        .routesCleared(1)
                        .details(List.of(
                                "removed: rule 20000: from all lookup 20000 proto 200",
                                "removed: route 10.20.0.0/16 dev urv01234567 table 20000 proto 200"))
                        .build();
            case VPN_DISCONNECT ->
                evidence.vpnType("WireGuard")
                        .disconnected(true)
                        .processesEnded(1)
                        .interfacesRemoved(1)
                        .packetFilterTablesRemoved(0)
                        .details(List.of("gone: interface urv01234567 (index 7, tun)"))
                        .build();
            case CONFIGURATION_UPDATE ->
                evidence.configSaved(true).cacheSaved(true).filesRemoved(2).build();
            case VERIFICATION_JOB -> null;
        };
    }

    private boolean answered(VpnAttachment attachment) {
        Long generation = attachment.getMetadata().getGeneration();
        return generation.equals(answers.get(attachment.getMetadata().getUid()))
                || (attachment.getStatus() != null
                        && attachment.getStatus().verdict() != null
                        && generation.equals(attachment.getStatus().verdict().generation()));
    }

    private Verdict verdict(VpnAttachment attachment, String operation) {
        String node = attachment.getSpec().nodeName();
        return new Verdict(
                operation,
                attachment.getMetadata().getUid(),
                attachment.getMetadata().getGeneration(),
                attachment.getSpec().verification().attempt(),
                key(node),
                boot(node),
                start(node),
                Instant.now(),
                true,
                null,
                null,
                CLEAN);
    }

    private static PatchContext apply() {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(Names.AGENT_MANAGER)
                .withForce(true)
                .build();
    }

    @Override
    public void close() {
        informer.stop();
        if (pods != null) {
            pods.stop();
        }
    }
}
