package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Secret;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.operator.PodConfiguration.PlainKey;
import io.urvpn.tunnel.TunnelConfiguration;
import io.urvpn.tunnel.TunnelType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which configuration each node uses. One configuration is one identity for the peer, so it is for one node: with one
 * WireGuard key on two nodes the peer's endpoint flaps, with one OpenVPN certificate or name the server drops the node
 * before. Nodes that make their identity themselves may share one.
 */
public final class Identities {
    private final Map<String, NodeConfiguration> nodes;

    private Identities(Map<String, NodeConfiguration> nodes) {
        this.nodes = nodes;
    }

    /** What one node has. */
    public sealed interface NodeConfiguration {}

    /** A configuration that can be used. */
    public record Usable(String key, TunnelConfiguration configuration) implements NodeConfiguration {}

    /** None that can be used. */
    public record Problem(String reason, String message) implements NodeConfiguration {}

    /**
     * Reads the Secret for these nodes.
     *
     * @param where name and namespace of the Secret, for messages
     */
    public static Identities of(TunnelType type, SecretName where, Optional<Secret> secret, Collection<String> wanted) {
        // once: with a key for each node, to decode it for each node would be quadratic
        Optional<Map<String, byte[]>> files = secret.map(Identities::decoded);
        Map<String, NodeConfiguration> nodes = new TreeMap<>();
        for (String node : wanted) {
            nodes.put(
                    node, files.map(data -> read(type, where, data, node)).orElseGet(() -> missing(where, type, node)));
        }
        markShared(nodes, where, type);
        return new Identities(nodes);
    }

    /** Name and namespace of a Secret. */
    public record SecretName(String namespace, String name) {
        @Override
        public String toString() {
            return "Secret " + name + " in namespace " + namespace;
        }
    }

    private static NodeConfiguration missing(SecretName where, TunnelType type, String node) {
        return new Problem(
                Reasons.SECRET_NOT_FOUND,
                where + " does not exist; create it with a key for each node, such as " + TunnelType.nodeKey(node)
                        + ", or with " + type.plainKey() + " for "
                        + (type.generatesIdentity() ? "all of them" : "a single node")
                        + "; what runs goes on meanwhile");
    }

    private static NodeConfiguration read(TunnelType type, SecretName where, Map<String, byte[]> data, String node) {
        String own = TunnelType.nodeKey(node);
        String key = data.containsKey(own) ? own : type.plainKey();
        byte[] value = data.get(key);
        if (value == null) {
            return new Problem(
                    Reasons.SECRET_KEY_MISSING,
                    where + " has neither key " + own + " nor " + type.plainKey() + ", so node " + node
                            + " has no configuration; add " + own);
        }
        return switch (type.parser().parse(new String(value, StandardCharsets.UTF_8), data)) {
            case TunnelConfiguration.Accepted accepted -> new Usable(key, accepted.configuration());
            case TunnelConfiguration.Refused refused ->
                new Problem(Reasons.INVALID_CONFIGURATION, where + ", key " + key + ", " + refused.problem());
        };
    }

    private static Map<String, byte[]> decoded(Secret secret) {
        Map<String, byte[]> files = new TreeMap<>();
        Optional.ofNullable(secret.getData())
                .orElse(Map.of())
                .forEach((key, value) -> files.put(key, Base64.getMimeDecoder().decode(value)));
        return Collections.unmodifiableMap(files);
    }

    private static void markShared(Map<String, NodeConfiguration> nodes, SecretName where, TunnelType type) {
        Map<String, List<String>> byIdentity = new TreeMap<>();
        nodes.forEach((node, configuration) -> {
            if (configuration instanceof Usable usable
                    && !usable.configuration().identity().isEmpty()) {
                byIdentity
                        .computeIfAbsent(usable.configuration().identity(), id -> new ArrayList<>())
                        .add(node);
            }
        });
        byIdentity.values().stream()
                .filter(sharing -> sharing.size() > 1)
                .forEach(sharing -> sharing.forEach(node -> nodes.put(node, shared(where, type, sharing))));
    }

    private static Problem shared(SecretName where, TunnelType type, List<String> sharing) {
        String named = String.join(", ", sharing.subList(0, Math.min(5, sharing.size())))
                + (sharing.size() > 5 ? " and " + (sharing.size() - 5) + " more" : "");
        return new Problem(
                Reasons.SHARED_IDENTITY,
                where + " gives one identity (private key, certificate, id or user name) to " + sharing.size()
                        + " nodes (" + named
                        + "), between which the peer would waver; give each node a configuration of its own, such as "
                        + TunnelType.nodeKey(sharing.getFirst()) + ", beside or instead of " + type.plainKey()
                        + ", or narrow spec.nodeSelector to one node");
    }

    /** What this node uses, where it can be used. */
    public Optional<Usable> usable(String node) {
        return nodes.get(node) instanceof Usable usable ? Optional.of(usable) : Optional.empty();
    }

    /**
     * The same with addresses that the operator gives.
     *
     * @param addresses what each node with a usable configuration gets, by node; others keep what they have
     * @param without nodes that get none, and why
     */
    Identities withAddresses(Map<String, List<IpPrefix>> addresses, Map<String, Problem> without) {
        Map<String, NodeConfiguration> given = new TreeMap<>(nodes);
        addresses.forEach((node, own) -> given.computeIfPresent(
                node,
                (name, before) -> before instanceof Usable(String key, TunnelConfiguration configuration)
                        ? new Usable(key, configuration.withAddresses(own))
                        : before));
        given.putAll(without);
        return new Identities(given);
    }

    /** What keeps a node from its configuration, by node. */
    public Map<String, Problem> problems() {
        Map<String, Problem> problems = new TreeMap<>();
        nodes.forEach((node, configuration) -> {
            if (configuration instanceof Problem problem) {
                problems.put(node, problem);
            }
        });
        return problems;
    }

    /** True where at least one node can be brought up. */
    public boolean anyUsable() {
        return nodes.values().stream().anyMatch(Usable.class::isInstance);
    }

    /** Keys of the Secret that the configuration of each node names, by node; nodes whose configuration names none are not there. */
    public Map<String, List<String>> files() {
        Map<String, List<String>> files = new TreeMap<>();
        nodes.forEach((node, configuration) -> {
            if (configuration instanceof Usable usable
                    && !usable.configuration().files().isEmpty()) {
                files.put(node, usable.configuration().files());
            }
        });
        return files;
    }

    /** Digests of the configurations that can be used, by node. */
    public Map<String, String> digests(ConfigurationDigests by, String instanceUid, Secret secret) {
        Map<String, String> digests = new TreeMap<>();
        nodes.forEach((node, configuration) -> {
            if (configuration instanceof Usable usable) {
                digests.put(node, by.of(instanceUid, node, usable, secret));
            }
        });
        return digests;
    }

    /** The plain key and the one node that uses it; none where any number of nodes may. */
    public Optional<PlainKey> plainKey(TunnelType type) {
        if (type.generatesIdentity()) {
            return Optional.empty();
        }
        return nodes.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Usable usable
                        && usable.key().equals(type.plainKey())
                        && !usable.key().equals(TunnelType.nodeKey(entry.getKey())))
                .findFirst()
                .map(entry -> new PlainKey(type.plainKey(), entry.getKey()));
    }
}
