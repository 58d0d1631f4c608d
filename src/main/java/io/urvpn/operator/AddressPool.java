package io.urvpn.operator;

import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.operator.Identities.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Gives each node of an instance an address of its own in each network of {@code spec.addressPool}. Pure.
 *
 * <p>An address is a host's, /32 or /128: it is what the peer writes into AllowedIPs for the node, it makes no route of its
 * own on the node, not even the one for a network's broadcast address, and it stays right when the pool is made larger.
 *
 * <p>What an attachment has it keeps while the attachment lives and the pool has it. What any attachment of the instance
 * has, one that is being detached too, is given to no other: the node may still use it.
 */
public final class AddressPool {
    private static final int NAMED = 5;

    private final List<PoolNetwork> networks;
    private final Map<String, List<IpPrefix>> kept = new HashMap<>();
    private final Set<IpPrefix> taken = new HashSet<>();
    private final Set<String> settled = new HashSet<>();

    /**
     * A pool and what is given of it.
     *
     * @param networks {@code spec.addressPool}; what admission would not take gives nothing
     * @param attachments all of the instance
     */
    public AddressPool(List<String> networks, Collection<VpnAttachment> attachments) {
        this.networks = Optional.ofNullable(networks).orElse(List.of()).stream()
                .map(PoolNetwork::parse)
                .flatMap(Optional::stream)
                .toList();
        attachments.stream().sorted(oldestFirst()).forEach(this::keep);
    }

    /** The older one keeps an address that two came to have, as when an operator wrote while another took over. */
    private static Comparator<VpnAttachment> oldestFirst() {
        return Comparator.comparing((VpnAttachment attachment) -> Optional.ofNullable(
                                attachment.getMetadata().getCreationTimestamp())
                        .orElse(""))
                .thenComparing(attachment -> attachment.getMetadata().getName());
    }

    private void keep(VpnAttachment attachment) {
        String node = attachment.getSpec().nodeName();
        List<IpPrefix> own = new ArrayList<>();
        for (String text : Optional.ofNullable(attachment.getSpec().addresses()).orElse(List.of())) {
            IpPrefix address = host(IpPrefix.parse(text));
            if (taken.add(address)) {
                own.add(address);
            }
        }
        kept.put(node, own);
        if (attachment.getSpec().desired() != DesiredState.ATTACHED || attachment.isMarkedForDeletion()) {
            settled.add(node);
        }
    }

    private static IpPrefix host(IpPrefix address) {
        return IpPrefix.of(address.bytes(), address.bytes().length * 8);
    }

    /** True where a node of these has yet to be given an address, so that what others have must be known for certain. */
    public boolean lacks(Identities identities, Collection<String> nodes) {
        return nodes.stream()
                .filter(node -> identities.usable(node).isPresent() && !settled.contains(node))
                .anyMatch(node ->
                        networks.stream().anyMatch(network -> own(network, node).isEmpty()));
    }

    /**
     * The nodes' configurations with their addresses. Where the pool is too small the nodes that have none are a problem,
     * and the others keep theirs.
     *
     * @param nodes that the instance is for
     */
    public Identities give(Identities identities, Collection<String> nodes) {
        Map<String, List<IpPrefix>> given = new TreeMap<>();
        List<String> without = new ArrayList<>();
        List<String> wanting = nodes.stream()
                .filter(node -> identities.usable(node).isPresent() && !settled.contains(node))
                .sorted(Comparator.comparing((String node) -> !kept.containsKey(node))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        for (String node : wanting) {
            Optional<List<IpPrefix>> own = addresses(node);
            own.ifPresentOrElse(addresses -> given.put(node, addresses), () -> without.add(node));
        }
        Map<String, Problem> problems = new TreeMap<>();
        without.forEach(node -> problems.put(node, exhausted(nodes.size(), without)));
        return identities.withAddresses(given, problems);
    }

    /** One of each network, or none at all. */
    private Optional<List<IpPrefix>> addresses(String node) {
        List<IpPrefix> addresses = new ArrayList<>();
        for (PoolNetwork network : networks) {
            own(network, node).or(() -> network.lowestWithout(taken)).ifPresent(addresses::add);
        }
        if (networks.isEmpty() || addresses.size() < networks.size()) {
            return Optional.empty();
        }
        taken.addAll(addresses);
        return Optional.of(addresses);
    }

    private Optional<IpPrefix> own(PoolNetwork network, String node) {
        return kept.getOrDefault(node, List.of()).stream()
                .filter(network::gives)
                .findFirst();
    }

    private Problem exhausted(int nodes, List<String> without) {
        List<String> sizes = networks.stream()
                .map(network -> network + " has " + network.size()
                        + (network.size().bitLength() == 1 ? " address" : " addresses"))
                .toList();
        List<String> sorted = without.stream().sorted().toList();
        String named = String.join(", ", sorted.subList(0, Math.min(NAMED, sorted.size())))
                + (sorted.size() > NAMED ? " and " + (sorted.size() - NAMED) + " more" : "");
        return new Problem(
                Reasons.ADDRESS_POOL_EXHAUSTED,
                "spec.addressPool is too small: " + (sizes.isEmpty() ? "it is empty" : String.join(", ", sizes))
                        + " to give to " + nodes
                        + " nodes, and what a node has that is being detached is free only when that is through; without one: "
                        + named
                        + ". Put larger networks into spec.addressPool, or narrow spec.nodeSelector; nodes that have"
                        + " an address keep it");
    }
}
