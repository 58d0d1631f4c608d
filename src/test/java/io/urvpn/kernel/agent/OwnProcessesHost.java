package io.urvpn.kernel.agent;

import io.urvpn.host.Connections;
import io.urvpn.host.Echoes;
import io.urvpn.host.FilterTable;
import io.urvpn.host.Host;
import io.urvpn.host.Links;
import io.urvpn.host.Machine;
import io.urvpn.host.NodeFiles;
import io.urvpn.host.NodeProcess;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.Processes;
import io.urvpn.host.Routes;
import io.urvpn.host.Rules;
import io.urvpn.host.WireGuardDevices;
import io.urvpn.host.Xfrm;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The machine, but of its processes only those that this test has started: the others are no business of a test.
 *
 * @param beforeTableGoes told of an nftables table right before it is removed
 */
record OwnProcessesHost(Host host, Consumer<String> beforeTableGoes) implements Host {
    OwnProcessesHost(Host host) {
        this(host, table -> {});
    }

    @Override
    public Processes processes() {
        Processes all = host.processes();
        return new Processes() {
            @Override
            public Scan scan() {
                Scan scan = all.scan();
                Set<Long> own = ProcessHandle.current()
                        .descendants()
                        .map(ProcessHandle::pid)
                        .collect(Collectors.toSet());
                return new Scan(
                        scan.processes().stream()
                                .filter(process -> own.contains((long) process.pid()))
                                .toList(),
                        scan.unreadable().stream()
                                .filter(process -> own.contains((long) process.pid()))
                                .toList());
            }

            @Override
            public boolean signal(NodeProcess process, Signal signal) {
                return all.signal(process, signal);
            }

            @Override
            public boolean awaitEnd(NodeProcess process, Duration timeout) {
                return all.awaitEnd(process, timeout);
            }

            @Override
            public boolean holdsTun(NodeProcess process, String interfaceName) {
                return all.holdsTun(process, interfaceName);
            }
        };
    }

    @Override
    public Links links() {
        return host.links();
    }

    @Override
    public Routes routes() {
        return host.routes();
    }

    @Override
    public Rules rules() {
        return host.rules();
    }

    @Override
    public PacketFilter packetFilter() {
        PacketFilter all = host.packetFilter();
        return new PacketFilter() {
            @Override
            public Set<String> tables() {
                return all.tables();
            }

            @Override
            public void set(String table, String interfaceName, FilterTable wanted) {
                all.set(table, interfaceName, wanted);
            }

            @Override
            public boolean matches(String table, String interfaceName, FilterTable wanted) {
                return all.matches(table, interfaceName, wanted);
            }

            @Override
            public boolean delete(String table) {
                beforeTableGoes.accept(table);
                return all.delete(table);
            }
        };
    }

    @Override
    public Xfrm xfrm() {
        return host.xfrm();
    }

    @Override
    public Connections connections() {
        return host.connections();
    }

    @Override
    public Echoes echoes() {
        return host.echoes();
    }

    @Override
    public WireGuardDevices wireGuard() {
        return host.wireGuard();
    }

    @Override
    public NodeFiles files() {
        return host.files();
    }

    @Override
    public Machine machine() {
        return host.machine();
    }

    @Override
    public Watch watch(Runnable onChange) {
        return host.watch(onChange);
    }
}
