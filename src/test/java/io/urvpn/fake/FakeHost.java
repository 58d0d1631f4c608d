package io.urvpn.fake;

import io.urvpn.host.Connections;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Links;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.Processes;
import io.urvpn.host.Routes;
import io.urvpn.host.Rules;
import io.urvpn.host.Xfrm;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A node in memory. Addresses, routes and peers go with their link, a tun with the process that holds it; rules, nftables
 * tables, policies, states, flows and files stay. It is set up from lines of text, in any order, and rendered as the same
 * lines, sorted:
 *
 * <pre>
 * machine boot boot-1 tun nftables [xfrm] [kernel-wireguard]
 * link 7 urv0 [kind tun] [mtu 1500] [up] [alias urvpn:x] [master 3]
 * address urv0 10.8.0.2/24
 * route 20000 10.0.0.0/8 [dev urv0] [proto 200] [metric 5] [type 6]
 * rule 20000 [v6] [from 10.0.0.0/8] [to 10.1.0.0/16] [fwmark 1] lookup 20000 [proto 200] [others "iif eth0"]
 * process 100 wireguard-go [start 5] [parent 99] [pod u] [container c] [mark i] [tun urv0] [sandbox] [unreadable]
 *     [stopped] [unkillable]
 * file /run/ur-vpn/i/permit "text\n"
 * directory /run/ur-vpn/j
 * socket /run/ur-vpn/i/wireguard/urv0.sock
 * table urvpn-12345678 [masquerades urv0]
 * table urvpn-12345678 [for urv0 [masquerade] [clamp] [kill 10.0.0.0/8] [except 10.1.0.0/16] [only v4,10.9.0.0/16,-,7]
 *     [by urv1]]
 * policy out 10.1.0.0/16 10.2.0.0/16 [proto 6] [sport 1] [dport 80[/65535]] priority 5 [block] [if-id 1] [mark 7/255]
 *     [reqid 7 192.0.2.1 192.0.2.2] [others "uid 5"]
 * state 192.0.2.1 192.0.2.2 [spi 0x100] [proto 50] reqid 7 [mode 1] [if-id 1] [mark 7/255] [added 2026-11-01T00:00:00Z]
 *     [used 2026-11-01T00:00:01Z] [bytes 1] [packets 1]
 * flow 17 [zone 1] [proto 6] original 10.1.0.5 10.2.0.1 4000:80 reply 10.2.0.1 10.8.0.2 80:4000
 * peer urv0 KEY= [endpoint 192.0.2.1:51820] [handshake 2026-11-01T00:00:00Z] [rx 1] [tx 2] [keepalive 25]
 * </pre>
 *
 * (One object is one line; {@code proto} is 200 and start 1 where they are not said; a state, and what a policy's reqid
 * asks for, is an ESP tunnel; what an ICMP flow has instead of ports is {@code 8/0/77}: type, code, id.) A {@code stopped}
 * process answers nothing and ends by KILL only; an {@code unkillable} one ends by nothing. A WireGuard device answers where
 * its link is of kind wireguard, or a process named wireguard-go that is not stopped holds it. Every call of a port is on
 * record in {@link #actions()}. All is under one lock, so that an agent with threads may use it.
 */
public final class FakeHost implements Host {
    final FakeLinks links = new FakeLinks(this);
    final FakeRoutes routes = new FakeRoutes(this);
    final FakeRules rules = new FakeRules(this);
    final FakeProcesses processes = new FakeProcesses(this);
    final FakePacketFilter packetFilter = new FakePacketFilter(this);
    final FakeXfrm xfrm = new FakeXfrm(this);
    final FakeConnections connections = new FakeConnections(this);
    final FakeEchoes echoes = new FakeEchoes(this);
    final FakeWireGuard wireGuard = new FakeWireGuard(this);
    final FakeFiles files = new FakeFiles(this);
    final FakeMachine machine = new FakeMachine(this);

    private final List<Runnable> watches = new CopyOnWriteArrayList<>();
    private final List<Behaviour> behaviours = new CopyOnWriteArrayList<>();
    private final List<Interception> interceptions = new CopyOnWriteArrayList<>();
    private final List<String> actions = new ArrayList<>();

    private record Interception(String prefix, Runnable action) {}

    /** A node of these lines; see the class for the grammar. */
    public static FakeHost of(String text) {
        return new FakeHost().add("link 1 lo mtu 65536 up").add(text);
    }

    /** Adds what these lines say, as somebody else on the node would: no behaviour is asked, watches are called. */
    public synchronized FakeHost add(String text) {
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> FakeText.parse(this, line));
        networkChanged();
        return this;
    }

    /** Takes back one object by its rendered line, as somebody else on the node would. */
    public synchronized FakeHost remove(String line) {
        String wanted = line.strip();
        String before = toString();
        if (before.lines().noneMatch(wanted::equals)) {
            throw new IllegalArgumentException("no line '" + wanted + "' in\n" + before);
        }
        FakeText.remove(this, wanted);
        networkChanged();
        return this;
    }

    /** The node as text, one object a line, without {@code machine} and the link {@code lo}. */
    @Override
    public synchronized String toString() {
        return Stream.of(
                        links.render(),
                        routes.render(),
                        rules.render(),
                        processes.render(),
                        packetFilter.render(),
                        xfrm.render(),
                        connections.render(),
                        wireGuard.render(),
                        files.render())
                .flatMap(List::stream)
                .collect(Collectors.joining("\n"));
    }

    /** Those lines of {@link #toString()} that begin with one of these words. */
    public String lines(String... kinds) {
        return toString()
                .lines()
                .filter(line -> Stream.of(kinds).anyMatch(kind -> line.startsWith(kind + " ")))
                .collect(Collectors.joining("\n"));
    }

    /** What the ports were asked to change, in order, such as {@code rule del 20000 lookup 20000 proto 200}. */
    public synchronized List<String> actions() {
        return List.copyOf(actions);
    }

    /** Forgets {@link #actions()} so far. */
    public synchronized FakeHost forgetActions() {
        actions.clear();
        return this;
    }

    /** Lets something run beside the agent. */
    public FakeHost runs(Behaviour behaviour) {
        behaviours.add(behaviour);
        return this;
    }

    /**
     * Runs something before each call of a port whose text begins so: one of {@link #actions()}, or a read: {@code links list},
     * {@code addresses list}, {@code routes list}, {@code rules list}, {@code processes scan}, {@code tables list}, {@code policies list},
     * {@code states list}, {@code flows list}, {@code peers urv0}, {@code file read PATH}, {@code tree PATH}. What it throws, the caller of the port gets.
     *
     * @return ends it when run
     */
    public Runnable before(String prefix, Runnable action) {
        Interception interception = new Interception(prefix, action);
        interceptions.add(interception);
        return () -> interceptions.remove(interception);
    }

    /** Refuses such calls, until the returned one is run; prefixes as in {@link #before}. */
    public Runnable refuse(String prefix, HostException.Kind kind) {
        return before(prefix, () -> {
            throw new HostException(kind, prefix + ": refused by the test");
        });
    }

    /** As a restart of the machine: files under /run, processes, network and tables are gone, the boot id is new. */
    public synchronized FakeHost reboot(String bootId) {
        links.clear();
        rules.clear();
        routes.clear();
        processes.clear();
        packetFilter.clear();
        xfrm.clear();
        connections.clear();
        files.clearVolatile();
        machine.bootId(bootId);
        return add("link 1 lo mtu 65536 up");
    }

    /** As a restart of the agent: its locks are free, its watches gone. */
    public synchronized FakeHost agentEnded() {
        files.unlock();
        watches.clear();
        return this;
    }

    void reading(String text) {
        interceptions.stream()
                .filter(interception -> text.startsWith(interception.prefix))
                .forEach(interception -> interception.action.run());
    }

    void acting(String text) {
        reading(text);
        actions.add(text);
    }

    void changed(Change change) {
        behaviours.forEach(behaviour -> behaviour.after(this, change));
        if (change instanceof Change.Network) {
            networkChanged();
        }
    }

    private void networkChanged() {
        watches.forEach(Runnable::run);
    }

    @Override
    public Links links() {
        return links;
    }

    @Override
    public Routes routes() {
        return routes;
    }

    @Override
    public Rules rules() {
        return rules;
    }

    @Override
    public Processes processes() {
        return processes;
    }

    @Override
    public PacketFilter packetFilter() {
        return packetFilter;
    }

    @Override
    public Xfrm xfrm() {
        return xfrm;
    }

    @Override
    public Connections connections() {
        return connections;
    }

    @Override
    public FakeEchoes echoes() {
        return echoes;
    }

    @Override
    public FakeWireGuard wireGuard() {
        return wireGuard;
    }

    @Override
    public FakeFiles files() {
        return files;
    }

    @Override
    public FakeMachine machine() {
        return machine;
    }

    /** Calls back on the thread that made the change. */
    @Override
    public Watch watch(Runnable onChange) {
        watches.add(onChange);
        return () -> watches.remove(onChange);
    }
}
