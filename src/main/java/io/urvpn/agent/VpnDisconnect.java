package io.urvpn.agent;

import io.urvpn.agent.Observation.Finding;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.EvidenceBuilder;
import io.urvpn.api.v1alpha1.VpnType;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.NodeProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the daemon to disconnect (WireGuard by taking its peers, the others by TERM), ends it, waits for its interface to go and
 * removes what stays: the interface, what the kernel's IPsec has of it, its tracked connections and the nftables table. That one
 * goes last: its kill switch holds until nothing else is left.
 */
final class VpnDisconnect implements Step {
    /** A tun goes with the process that held it; the kernel may take a moment. */
    private static final Duration VANISH = Duration.ofSeconds(1);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final Host host;

    VpnDisconnect(Host host) {
        this.host = host;
    }

    @Override
    public Component component() {
        return Component.VPN_DISCONNECT;
    }

    @Override
    public Result run(Work work) throws InterruptedException {
        List<String> details = new ArrayList<>();
        Map<Integer, Link> links = links(work.marks());
        if (!links.isEmpty() && work.entry().type() == VpnType.WIREGUARD) {
            disconnect(work, details);
        }
        PodProcesses processes =
                PodProcesses.of(work.marks(), host.processes().scan().processes());
        List<NodeProcess> survivors = new ProcessEnding(host.processes())
                .end(processes.daemons(), Duration.ofSeconds(work.disconnectTimeoutSeconds()));
        processes.daemons().stream()
                .filter(process -> !survivors.contains(process))
                .forEach(process -> details.add("ended " + Words.of(process)));
        List<String> refused = new ArrayList<>();
        survivors.forEach(process -> refused.add(Words.of(process) + " did not end when killed"));
        Map<Integer, Link> left = remove(links, refused);
        links.values().stream()
                .filter(link -> !left.containsKey(link.index()))
                .forEach(link -> details.add("gone: " + Words.of(link)));
        int xfrm = new OwnXfrm(host.xfrm(), work.marks()).remove(details, refused);
        int connections = new OwnFlows(host, work.entry(), work.marks()).remove(details, refused);
        int tables = removeTable(work, refused, details);
        var evidence = EvidenceBuilder.builder()
                .vpnType(typeName(work.entry().type()))
                .disconnected(survivors.isEmpty() && left.isEmpty())
                .processesEnded(processes.daemons().size() - survivors.size())
                .interfacesRemoved((int) links.keySet().stream()
                        .filter(index -> !left.containsKey(index))
                        .count())
                .xfrmRemoved(xfrm)
                .connectionsRemoved(connections)
                .packetFilterTablesRemoved(tables)
                .details(Lines.bounded(details))
                .build();
        if (refused.isEmpty()) {
            return Result.done(evidence);
        }
        String code = survivors.isEmpty() ? ErrorCodes.KERNEL_REFUSED : ErrorCodes.PROCESS_SURVIVED;
        return Result.failed(evidence, code, Words.joined(refused, 1000));
    }

    /** Interfaces of ours by index: the one of our name, and any that carries our index or alias. */
    private Map<Integer, Link> links(Marks marks) {
        Map<Integer, Link> links = new LinkedHashMap<>();
        host.links().list().stream().filter(marks::owns).forEach(link -> links.put(link.index(), link));
        if (links.isEmpty() && new Observer(host).link(marks) instanceof Finding.Ours(Link link)) {
            links.put(link.index(), link);
        }
        return links;
    }

    /** A daemon that hangs must not hold the step up: what it does not do, ending it does. */
    private void disconnect(Work work, List<String> details) throws InterruptedException {
        FutureTask<Boolean> asked = new FutureTask<>(() ->
                host.wireGuard().disconnect(work.paths().sockets(), work.marks().interfaceName()));
        Thread.ofPlatform().daemon().name("disconnect").start(asked);
        try {
            boolean answered = asked.get(work.disconnectTimeoutSeconds(), TimeUnit.SECONDS);
            details.add(answered ? "the device gave up its peers" : "no device answered any more");
        } catch (ExecutionException e) {
            details.add("the device did not disconnect: " + e.getCause().getMessage());
        } catch (TimeoutException e) {
            asked.cancel(true);
            details.add("the device did not disconnect within " + work.disconnectTimeoutSeconds() + " s");
        }
    }

    /** Waits for those that go by themselves, and removes the others; returns what is left. */
    private Map<Integer, Link> remove(Map<Integer, Link> links, List<String> refused) throws InterruptedException {
        long end = System.nanoTime() + VANISH.toNanos();
        Map<Integer, Link> left = present(links);
        while (left.values().stream().anyMatch(link -> link.kind().equals("tun")) && System.nanoTime() < end) {
            Thread.sleep(LOOK_AGAIN);
            left = present(links);
        }
        for (Link link : left.values()) {
            try {
                host.links().delete(link.index());
            } catch (HostException e) {
                refused.add(Words.of(link) + ": " + e.getMessage());
            }
        }
        return left.isEmpty() ? left : present(links);
    }

    private Map<Integer, Link> present(Map<Integer, Link> links) {
        Map<Integer, Link> present = new LinkedHashMap<>();
        if (!links.isEmpty()) {
            host.links().list().stream()
                    .filter(link -> links.containsKey(link.index()))
                    .forEach(link -> present.put(link.index(), link));
        }
        return present;
    }

    /** A kill switch stays as long as a rule does: what that led into the tunnel would leave in the clear. */
    private int removeTable(Work work, List<String> refused, List<String> details) {
        Marks marks = work.marks();
        try {
            if (!work.entry().lastFilter().killSwitch().nothing()
                    && host.rules().list().stream().anyMatch(marks::owns)) {
                refused.add("nftables table " + marks.filterTable()
                        + " stays, with its kill switch, until the instance's rules have gone");
                return 0;
            }
            if (host.packetFilter().tables().contains(marks.filterTable())
                    && host.packetFilter().delete(marks.filterTable())) {
                details.add("removed nftables table " + marks.filterTable());
                return 1;
            }
        } catch (HostException e) {
            refused.add("nftables table " + marks.filterTable() + ": " + e.getMessage());
        }
        return 0;
    }

    private static String typeName(VpnType type) {
        if (type == null) {
            return null;
        }
        return switch (type) {
            case WIREGUARD -> "WireGuard";
            case OPENVPN -> "OpenVPN";
            case IPSEC -> "IPsec";
        };
    }
}
