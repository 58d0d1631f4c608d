package io.urvpn.agent;

import io.urvpn.agent.Observation.Finding;
import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.api.v1alpha1.VerificationReport;
import io.urvpn.api.v1alpha1.VerificationReport.ConfigurationVerification;
import io.urvpn.api.v1alpha1.VerificationReport.RoutingVerification;
import io.urvpn.api.v1alpha1.VerificationReport.ThreadVerification;
import io.urvpn.api.v1alpha1.VerificationReport.VpnVerification;
import io.urvpn.api.v1alpha1.VerifyPolicy;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads the node afresh and says what of an instance is there. Only what was read and not found is gone; what could not be
 * read is not.
 */
public final class Verification {
    private static final int DETAILS = 1024;

    /**
     * What was read.
     *
     * @param report in the shape of ur-vpn-manager
     * @param failed components whose part was found or could not be read
     * @param errorCode of the first that failed; {@code null} where none did
     */
    public record Outcome(VerificationReport report, List<Component> failed, String errorCode) {}

    private final Host host;
    private final Registry registry;

    public Verification(Host host, Registry registry) {
        this.host = host;
        this.registry = registry;
    }

    /** One part of the node: what was found, and what could not be read. */
    private record Part(boolean read, List<String> found, List<String> unreadable) {
        private boolean exists() {
            return !read || !found.isEmpty() || !unreadable.isEmpty();
        }

        private boolean failed() {
            return read && exists();
        }

        private String details(String none) {
            if (!read) {
                return VerificationReport.NOT_READ;
            }
            List<String> all = new ArrayList<>(found);
            unreadable.forEach(what -> all.add("could not be read: " + what));
            return all.isEmpty() ? none : Words.joined(all, DETAILS);
        }
    }

    /**
     * Reads.
     *
     * @param entry identities of the instance
     * @param marks by which its state is told from others'
     * @param verify which parts are to be read; {@code null} and unset fields are all
     * @param instanceName as messages show it
     */
    public Outcome read(
            JournalEntry entry, Marks marks, InstancePaths paths, VerifyPolicy verify, String instanceName) {
        VerifyPolicy asked = verify == null ? VerifyPolicy.ALL : verify;
        Part thread = part(asked.threadProcesses(), part -> processes(marks, part));
        Part routing = part(asked.routingTable(), part -> routing(marks, part));
        List<Link> links = new ArrayList<>();
        Part vpn = part(asked.vpnInterfaces(), part -> vpn(entry, marks, links, part));
        Part configuration = part(asked.configurationFiles(), part -> configuration(entry, paths, part));
        VerificationReport report = new VerificationReport(
                instanceName,
                new ThreadVerification(
                        thread.exists(),
                        !thread.read() || !thread.found().isEmpty(),
                        thread.details(VerificationReport.NO_THREAD)),
                new RoutingVerification(
                        routing.exists(), routing.found().size(), routing.details(VerificationReport.NO_ROUTING)),
                new VpnVerification(vpn.exists(), links.size(), vpn.details(VerificationReport.NO_VPN)),
                new ConfigurationVerification(
                        configuration.exists(), configuration.details(VerificationReport.NO_CONFIGURATION)));
        return outcome(report, List.of(thread, routing, vpn, configuration));
    }

    private static Outcome outcome(VerificationReport report, List<Part> parts) {
        List<Component> components = List.of(
                Component.THREAD_TERMINATION,
                Component.ROUTING_RULES_CLEAR,
                Component.VPN_DISCONNECT,
                Component.CONFIGURATION_UPDATE);
        List<Component> failed = new ArrayList<>();
        String code = null;
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).failed()) {
                failed.add(components.get(i));
                String its = parts.get(i).found().isEmpty() ? ErrorCodes.UNREADABLE : ErrorCodes.LEFTOVER;
                code = code == null ? its : code;
            }
        }
        return new Outcome(report, failed, code);
    }

    private static Part part(Boolean asked, Function<Part, Part> read) {
        Part part = new Part(!Boolean.FALSE.equals(asked), new ArrayList<>(), new ArrayList<>());
        if (!part.read()) {
            return part;
        }
        try {
            return read.apply(part);
        } catch (HostException e) {
            part.unreadable().add(e.getMessage());
            return part;
        }
    }

    private Part processes(Marks marks, Part part) {
        Processes.Scan scan = host.processes().scan();
        scan.processes().stream().filter(marks::owns).map(Words::of).forEach(part.found()::add);
        scan.unreadable()
                .forEach(process -> part.unreadable()
                        .add("process " + process.pid() + " (" + process.name() + "): " + process.what()));
        return part;
    }

    private Part routing(Marks marks, Part part) {
        host.rules().list().stream().filter(marks::owns).map(Words::of).forEach(part.found()::add);
        host.routes().list().stream().filter(marks::owns).map(Words::of).forEach(part.found()::add);
        return part;
    }

    private Part vpn(JournalEntry entry, Marks marks, List<Link> links, Part part) {
        host.links().list().stream().filter(marks::owns).forEach(links::add);
        if (links.isEmpty()) {
            switch (new Observer(host).link(marks)) {
                case Finding.Absent() -> {}
                case Finding.Ours(Link link) -> links.add(link);
                // one that came after the permit and bears no mark of anybody's: it is not known to be somebody else's
                case Finding.Foreign(Link link) when suspicious(marks, link) -> links.add(link);
                case Finding.Foreign(Link link) -> {}
            }
        }
        links.stream().map(Words::of).forEach(part.found()::add);
        if (host.packetFilter().tables().contains(marks.filterTable())) {
            part.found().add("nftables table " + marks.filterTable());
        }
        OwnXfrm xfrm = new OwnXfrm(host.xfrm(), marks);
        xfrm.policies().stream().map(Words::of).forEach(part.found()::add);
        xfrm.states().stream().map(Words::of).forEach(part.found()::add);
        connections(new OwnFlows(host, entry, marks), part);
        return part;
    }

    /** What the kernel shows to nobody is not looked for: the evidence of VPN_DISCONNECT says so. */
    private static void connections(OwnFlows flows, Part part) {
        try {
            flows.words(flows.left()).forEach(part.found()::add);
        } catch (HostException e) {
            if (e.kind() != HostException.Kind.UNSUPPORTED) {
                throw e;
            }
        }
    }

    private static boolean suspicious(Marks marks, Link link) {
        return !marks.podUids().isEmpty()
                && link.alias().isEmpty()
                && (link.kind().equals("tun") || link.kind().equals("wireguard"));
    }

    private Part configuration(JournalEntry entry, InstancePaths paths, Part part) {
        VolatileDirectory directory = new VolatileDirectory(host.files(), paths);
        directory.removeWhereNothing();
        directory.content().forEach(path -> part.found().add("file " + path));
        host.files().tree(paths.state()).forEach(path -> part.found().add("file " + path));
        if (host.files().exists(paths.state())) {
            part.found().add("directory " + paths.state());
        }
        switch (registry.read(entry.instance().uid())) {
            case Registry.Lookup.Absent() -> {}
            case Registry.Lookup.Unknown(String why) -> part.unreadable().add(why);
            case Registry.Lookup.Known(JournalEntry known) -> {
                if (known.state() == JournalEntry.State.ACTIVE) {
                    part.found().add("active entry in the agent's registry");
                }
            }
        }
        return part;
    }
}
