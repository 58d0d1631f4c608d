package io.urvpn.agent;

import io.urvpn.agent.Observation.Finding;
import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Host;
import io.urvpn.host.Link;
import io.urvpn.host.LinkAddress;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at the node; never changes anything. */
public final class Observer {
    private final Host host;

    public Observer(Host host) {
        this.host = host;
    }

    /** What is there of one instance. */
    public Observation look(Marks marks) {
        Finding link = link(marks);
        return new Observation(
                link,
                link instanceof Finding.Ours(Link ours) ? addresses(ours) : Set.of(),
                host.routes().list().stream()
                        .filter(route -> marks.table() != null && route.table() == marks.table())
                        .toList(),
                host.rules().list().stream()
                        .filter(rule -> marks.table() != null
                                && (rule.table() == marks.table() || rule.priority() == marks.table()))
                        .toList());
    }

    /** What stands under the interface's name. */
    public Finding link(Marks marks) {
        Optional<Link> named = host.links().named(marks.interfaceName());
        if (named.isEmpty()) {
            return new Finding.Absent();
        }
        Link link = named.get();
        return marks.owns(link) || heldByOurs(marks) ? new Finding.Ours(link) : new Finding.Foreign(link);
    }

    private boolean heldByOurs(Marks marks) {
        if (marks.podUids().isEmpty()) {
            return false;
        }
        return host.processes().scan().processes().stream()
                .filter(process ->
                        process.podUid().filter(marks.podUids()::contains).isPresent())
                .anyMatch(process -> host.processes().holdsTun(process, marks.interfaceName()));
    }

    private Set<IpPrefix> addresses(Link link) {
        return host.links().addresses().stream()
                .filter(address -> address.linkIndex() == link.index())
                .map(LinkAddress::address)
                .collect(Collectors.toSet());
    }
}
