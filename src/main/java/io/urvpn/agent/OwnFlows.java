package io.urvpn.agent;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Flow;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tracked connections of an instance: those with an address that the agent gave to its interface and that no other
 * interface of the node has.
 */
final class OwnFlows {
    private final Host host;
    private final Set<String> addresses;

    OwnFlows(Host host, JournalEntry entry, Marks marks) {
        this.host = host;
        this.addresses = new HashSet<>();
        if (!entry.addresses().isEmpty()) {
            entry.addresses()
                    .forEach(address -> addresses.add(IpPrefix.parse(address).host()));
            addresses.removeAll(others(marks));
        }
    }

    private Set<String> others(Marks marks) {
        Set<Integer> links = host.links().list().stream()
                .filter(link -> !marks.owns(link) && !link.name().equals(marks.interfaceName()))
                .map(Link::index)
                .collect(Collectors.toSet());
        return host.links().addresses().stream()
                .filter(address -> links.contains(address.linkIndex()))
                .map(address -> address.address().host())
                .collect(Collectors.toSet());
    }

    /**
     * All of them.
     *
     * @throws HostException of kind UNSUPPORTED where the kernel shows them to nobody
     */
    List<Flow> list() {
        return addresses.isEmpty()
                ? List.of()
                : host.connections()
                        .list(addresses.stream().map(IpPrefix::parse).collect(Collectors.toSet()));
    }

    /**
     * Those that were begun from one of the addresses, or are translated to one. Without the interface somebody else can still
     * send to such an address; that makes a flow as well, and none of ours.
     */
    List<Flow> left() {
        return list().stream()
                .filter(flow ->
                        own(flow.original().source()) || own(flow.reply().destination()))
                .toList();
    }

    private boolean own(IpPrefix address) {
        return addresses.contains(address.host());
    }

    /** Counts by address, a line each, for people. */
    List<String> words(List<Flow> flows) {
        Map<String, Integer> counts = new TreeMap<>();
        flows.forEach(flow -> address(flow).ifPresent(address -> counts.merge(address, 1, Integer::sum)));
        return counts.entrySet().stream()
                .map(count -> count.getValue() + " tracked connection" + (count.getValue() == 1 ? "" : "s") + " of "
                        + count.getKey())
                .toList();
    }

    private Optional<String> address(Flow flow) {
        return Stream.of(flow.original(), flow.reply())
                .flatMap(tuple -> Stream.of(tuple.source(), tuple.destination()))
                .map(IpPrefix::host)
                .filter(addresses::contains)
                .findFirst();
    }

    /** Removes all of them; returns how many were removed. */
    int remove(List<String> details, List<String> refused) {
        try {
            List<Flow> removed = new ArrayList<>();
            for (Flow flow : list()) {
                if (host.connections().delete(flow)) {
                    removed.add(flow);
                }
            }
            words(removed).forEach(line -> details.add("removed " + line));
            return removed.size();
        } catch (HostException e) {
            if (e.kind() == HostException.Kind.UNSUPPORTED) {
                details.add("tracked connections were not removed, and end by themselves: " + e.getMessage());
            } else {
                refused.add(e.getMessage());
            }
            return 0;
        }
    }
}
