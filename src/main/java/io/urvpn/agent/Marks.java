package io.urvpn.agent;

import io.urvpn.host.Link;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.Route;
import io.urvpn.host.Rule;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmState;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * By what the state of one instance is told from everybody else's. Nothing without these marks is ever changed.
 *
 * @param instanceUid uid of the instance
 * @param interfaceName name of its interface
 * @param protocol protocol number of our routes and rules
 * @param table its table and the priority of its rules; {@code null} where it has none
 * @param ifindex index of its interface in this boot; {@code null} where none was seen
 * @param podUids pods that had its permit
 */
public record Marks(
        String instanceUid, String interfaceName, int protocol, Integer table, Integer ifindex, Set<String> podUids) {

    /**
     * So many reqids are an instance's own, from its table times this one on; the interface id of its XFRM interface is the
     * table itself. The launcher gives them out (images/runtime/launcher).
     */
    private static final long REQIDS = 1000;

    /** Those of an entry; after a reboot the index of an interface means nothing. */
    public static Marks of(JournalEntry entry, String bootId) {
        return new Marks(
                entry.instance().uid(),
                entry.interfaceName(),
                entry.protocol(),
                entry.table(),
                bootId.equals(entry.bootId()) ? entry.ifindex() : null,
                Set.copyOf(entry.podUids()));
    }

    /** The alias of our interface. */
    public String alias() {
        return "urvpn:" + instanceUid;
    }

    /**
     * The name under which the launcher makes an interface of the kernel's WireGuard: until it carries the alias, 48 random
     * bits of the instance's uid are its mark. The launcher renames it then (images/runtime/launcher/kernel_link.go).
     */
    public static String makingName(String instanceUid) {
        String digits = instanceUid.replace("-", "");
        return "ur-" + digits.substring(Math.max(0, digits.length() - 12));
    }

    /** The nftables table of the instance. */
    public String filterTable() {
        return "urvpn-" + instanceUid.substring(0, Math.min(8, instanceUid.length()));
    }

    /** A rule of ours: our protocol, and the instance's table or, on another table, its priority. */
    public boolean owns(Rule rule) {
        return table != null && rule.protocol() == protocol && (rule.table() == table || rule.priority() == table);
    }

    /** A policy of ours: for our XFRM interface, or it asks for a state of our reqids. */
    public boolean owns(XfrmPolicy policy) {
        return table != null && tables(policy).contains((long) table);
    }

    /** A state of ours: for our XFRM interface, or with one of our reqids. */
    public boolean owns(XfrmState state) {
        return table != null && tables(state).contains((long) table);
    }

    /** Tables whose instance may have made a policy; see {@link #REQIDS}. */
    static Set<Long> tables(XfrmPolicy policy) {
        return Stream.concat(
                        Stream.of(policy.ifId()),
                        policy.templates().stream().map(template -> template.reqid() / REQIDS))
                .collect(Collectors.toSet());
    }

    /** Tables whose instance may have made a state. */
    static Set<Long> tables(XfrmState state) {
        return Stream.of(state.ifId(), state.reqid() / REQIDS).collect(Collectors.toSet());
    }

    /** A route of ours: our protocol and the instance's table. */
    public boolean owns(Route route) {
        return table != null && route.protocol() == protocol && route.table() == table;
    }

    /**
     * An interface of ours by its index or alias, or one that a launcher had no time to give its alias. One that a process
     * of ours holds is ours too; see {@link Observer}.
     */
    public boolean owns(Link link) {
        return Objects.equals(link.index(), ifindex)
                || link.alias().equals(alias())
                || halfMade(link) && link.name().equals(makingName(instanceUid));
    }

    /** A WireGuard interface of some instance, without its alias yet. */
    static boolean halfMade(Link link) {
        return link.kind().equals("wireguard")
                && link.alias().isEmpty()
                && link.name().matches("ur-[0-9a-f]{12}");
    }

    /**
     * A process of ours: of a pod that had the permit, or outside any pod with our mark in its environment. One of a
     * pod that never had the permit has done nothing.
     */
    public boolean owns(NodeProcess process) {
        return !process.sandbox()
                && process.podUid()
                        .map(podUids::contains)
                        .orElseGet(() -> process.instanceUid()
                                .filter(instanceUid::equals)
                                .isPresent());
    }
}
