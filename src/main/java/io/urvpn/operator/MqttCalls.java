package io.urvpn.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.urvpn.api.messages.InitialResponse;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.Serialization;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupSpec.CoveredNode;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.cleanup.OperationId;
import io.urvpn.notify.Outbox;
import io.urvpn.notify.RpcRequest;
import io.urvpn.notify.RpcServer;
import io.urvpn.notify.RpcServer.Answer;
import io.urvpn.notify.RpcSettings;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what was called for over MQTT, where the configuration allows it. Who called is not known here: MQTT tells a
 * subscriber nothing of the publisher, so the broker's access list says who may.
 */
final class MqttCalls implements RpcServer.Calls {
    private static final Logger LOG = LoggerFactory.getLogger(MqttCalls.class);
    private static final ObjectMapper JSON = Serialization.mapper();
    /** Nodes that an answer names; the rest is counted. */
    private static final int NODES = 200;

    private static final int TRIES = 5;
    /** Hexadecimal digits that are enough to know a request again. */
    private static final int DIGEST = 32;

    private final RpcSettings settings;
    private final ClusterCache cache;
    private final EventRoutes routes;
    private final LiveReads live;
    private final ApiWrites writes;
    private final Clock clock;

    MqttCalls(
            RpcSettings settings,
            ClusterCache cache,
            EventRoutes routes,
            LiveReads live,
            ApiWrites writes,
            Clock clock) {
        this.settings = settings;
        this.cache = cache;
        this.routes = routes;
        this.live = live;
        this.writes = writes;
        this.clock = clock;
    }

    @Override
    public Answer answer(RpcRequest request, Optional<String> identity) {
        return switch (request) {
            case RpcRequest.Delete delete -> delete(delete.instanceName(), identity.map(MqttCalls::digest));
            case RpcRequest.CleanupStatus status -> cleanupStatus(status.operationId());
            case RpcRequest.CronJobStatus status -> cronJobStatus();
            case RpcRequest.Malformed malformed -> RpcServer.refusal(malformed.why());
        };
    }

    /** The answer to a deletion that this very request has begun before, by this process or by another. */
    private Optional<Answer> carriedOut(Optional<String> request) {
        return request.flatMap(asked -> cache.cleanups().stream()
                .filter(cleanup -> cleanup.getMetadata().getAnnotations() != null
                        && asked.equals(cleanup.getMetadata().getAnnotations().get(Names.ANNOTATION_MQTT_REQUEST)))
                .findFirst()
                .map(cleanup -> accepted(
                        cleanup.getSpec().nodes().stream()
                                .map(CoveredNode::node)
                                .toList(),
                        Optional.of(cleanup.getMetadata().getName()))));
    }

    private static String digest(String identity) {
        return ObjectNames.sha256(identity).substring(0, DIGEST);
    }

    private Answer delete(String name, Optional<String> request) {
        return carriedOut(request).orElseGet(() -> begin(name, request));
    }

    private Answer begin(String name, Optional<String> request) {
        for (int i = 0; i < TRIES; i++) {
            List<VpnInstance> named = routes.instancesNamed(name);
            if (named.size() > 1) {
                return refused(named.size() + " VpnInstances show the name '" + name + "'; name the object");
            }
            String object =
                    named.isEmpty() ? name : named.getFirst().getMetadata().getName();
            Optional<VpnInstance> found = ObjectNames.isName(object) ? live.instance(object) : Optional.empty();
            boolean allowed = found.map(instance -> settings.delete()
                            .allows(object, instance.getMetadata().getLabels()))
                    .orElse(settings.delete().names(object));
            if (!allowed) {
                return refused("delete is not allowed for '" + name + "'");
            }
            if (found.isEmpty()) {
                return refused("there is no VpnInstance '" + name + "'");
            }
            VpnInstance instance = found.get();
            if (instance.isMarkedForDeletion()) {
                return accepted(instance, Optional.of(id(instance)));
            }
            if (deleted(instance, request)) {
                LOG.info("VpnInstance {} is deleted, as was called for over MQTT", object);
                return accepted(instance, operation(instance));
            }
        }
        return refused("VpnInstance '" + name + "' is being changed by others; try again");
    }

    /** The record is written first: it stays on the object, and goes from there to its VpnCleanup. */
    private boolean deleted(VpnInstance instance, Optional<String> request) {
        Map<String, String> asked = new HashMap<>();
        asked.put(Names.ANNOTATION_DELETED_OVER_MQTT, clock.instant().toString());
        request.ifPresent(by -> asked.put(Names.ANNOTATION_MQTT_REQUEST, by));
        return writes.annotateAsRead(instance, asked).filter(writes::delete).isPresent();
    }

    /** The id follows from the time of the deletion, which the API server gave. */
    private Optional<String> operation(VpnInstance instance) {
        return live.instance(
                        instance.getMetadata().getName(), instance.getMetadata().getUid())
                .filter(VpnInstance::isMarkedForDeletion)
                .map(MqttCalls::id)
                .or(() -> live.cleanups(instance.getMetadata().getUid()).stream()
                        .map(cleanup -> cleanup.getMetadata().getName())
                        .max(Comparator.naturalOrder()));
    }

    private static String id(VpnInstance instance) {
        return OperationId.ofDeletion(
                Instant.parse(instance.getMetadata().getDeletionTimestamp()),
                instance.getMetadata().getName(),
                instance.getMetadata().getUid());
    }

    private Answer accepted(VpnInstance instance, Optional<String> operation) {
        return accepted(
                cache.attachments(instance.getMetadata().getUid()).stream()
                        .map(attachment -> attachment.getSpec().nodeName())
                        .toList(),
                operation);
    }

    private Answer accepted(List<String> nodes, Optional<String> operation) {
        return new Answer(
                json(InitialResponse.accepted(
                        AgentsThere.of(nodes.stream().map(cache::agent).toList(), clock.instant()))),
                operation);
    }

    private static Answer refused(String why) {
        return new Answer(json(InitialResponse.refused(why)), Optional.empty());
    }

    private Answer cleanupStatus(String id) {
        Optional<VpnCleanup> found = ObjectNames.isName(id) ? live.cleanup(id) : Optional.empty();
        boolean allowed = found.map(cleanup -> cleanup.getSpec().instance().name())
                .map(settings.cleanupStatus()::names)
                .orElse(settings.cleanupStatus().any());
        if (!allowed) {
            return RpcServer.refusal("getCleanupStatus is not allowed for '" + id + "'");
        }
        return found.map(MqttCalls::told).orElseGet(() -> RpcServer.refusal("there is no VpnCleanup '" + id + "'"));
    }

    private static Answer told(VpnCleanup cleanup) {
        VpnCleanupStatus status = cleanup.getStatus();
        ObjectNode answer = JSON.createObjectNode()
                .put("success", true)
                .put("operation_id", cleanup.getMetadata().getName())
                .put("instance_name", Outbox.displayName(cleanup))
                .put(
                        "status",
                        status == null || status.phase() == null
                                ? "IN_PROGRESS"
                                : status.phase().name());
        ArrayNode components = answer.putArray("components");
        if (status != null && status.components() != null) {
            status.components().forEach(one -> components.add(component(one)));
        }
        if (status != null && status.report() != null) {
            answer.set("verification_report", JSON.valueToTree(status.report()));
        }
        return new Answer(answer.toString(), Optional.of(cleanup.getMetadata().getName()));
    }

    private static ObjectNode component(ComponentStatus status) {
        ObjectNode one = JSON.createObjectNode()
                .put("component", String.valueOf(status.component()))
                .put("status", String.valueOf(status.status()));
        seconds(one, "start_time", status.startedAt());
        seconds(one, "end_time", status.completedAt());
        if (status.durationMillis() != null) {
            one.put("duration_ms", status.durationMillis());
        }
        if (status.error() != null) {
            one.put("error", status.error().message());
        }
        if (status.evidence() != null) {
            one.set("verification_data", JSON.valueToTree(status.evidence()));
        }
        return one;
    }

    private static void seconds(ObjectNode node, String key, Instant at) {
        if (at != null) {
            node.put(key, at.getEpochSecond());
        }
    }

    private Answer cronJobStatus() {
        if (!settings.cronJobStatus()) {
            return RpcServer.refusal("getCronJobStatus is not allowed");
        }
        List<VpnNode> agents = cache.agents().stream()
                .sorted(Comparator.comparing(agent -> agent.getMetadata().getName()))
                .toList();
        Instant now = clock.instant();
        ObjectNode answer = JSON.createObjectNode()
                .put("success", true)
                .put(
                        "cron_job_status",
                        agents.isEmpty()
                                ? InitialResponse.Agents.NONE.word()
                                : AgentsThere.of(
                                                agents.stream()
                                                        .map(agent -> Optional.ofNullable(agent.getStatus()))
                                                        .toList(),
                                                now)
                                        .word())
                .put("node_count", agents.size());
        ArrayNode nodes = answer.putArray("nodes");
        agents.stream().limit(NODES).forEach(agent -> nodes.add(node(agent, now)));
        return new Answer(answer.toString(), Optional.empty());
    }

    private static ObjectNode node(VpnNode agent, Instant now) {
        ObjectNode node = JSON.createObjectNode()
                .put("node", agent.getMetadata().getName())
                .put("is_running", AgentsThere.isThere(Optional.ofNullable(agent.getStatus()), now));
        Sweep sweep = agent.getStatus() == null ? null : agent.getStatus().sweep();
        if (sweep != null) {
            node.put("interval_seconds", sweep.intervalSeconds());
            seconds(node, "last_run", sweep.lastRunAt());
            seconds(node, "next_run", sweep.nextRunAt());
            node.put("runs", sweep.runs()).put("orphans", sweep.orphansPresent());
        }
        return node;
    }

    private static String json(Object message) {
        try {
            return JSON.writeValueAsString(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a message is plain data", e);
        }
    }
}
