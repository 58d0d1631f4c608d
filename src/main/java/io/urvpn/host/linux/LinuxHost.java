package io.urvpn.host.linux;

import io.urvpn.host.Connections;
import io.urvpn.host.Echoes;
import io.urvpn.host.Host;
import io.urvpn.host.Links;
import io.urvpn.host.Machine;
import io.urvpn.host.NodeFiles;
import io.urvpn.host.PacketFilter;
import io.urvpn.host.Processes;
import io.urvpn.host.Routes;
import io.urvpn.host.Rules;
import io.urvpn.host.WireGuardDevices;
import io.urvpn.host.Xfrm;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The node that this process runs on, in the network namespace of the thread that calls. Every port may be used by several
 * threads at once.
 */
public final class LinuxHost implements Host {
    private static final Path PROC = Path.of("/proc");
    private static final int DUMP_ATTEMPTS = 50;
    private static final Duration UAPI_TIMEOUT = Duration.ofSeconds(2);

    private final Links links;
    private final Routes routes;
    private final Rules rules;
    private final Processes processes = new LinuxProcesses(PROC);
    private final PacketFilter packetFilter = new NftPacketFilter("nft");
    private final Xfrm xfrm;
    private final Connections connections;
    private final Echoes echoes = new LinuxEchoes();
    private final WireGuardDevices wireGuard;
    private final NodeFiles files = new LinuxFiles();
    private final Machine machine = new LinuxMachine(PROC, packetFilter);

    /** Needs NET_ADMIN for changes of the network, NET_RAW for echoes, SYS_PTRACE and KILL for processes of others. */
    public LinuxHost() {
        Netlink netlink = new Netlink(NetlinkTransport.real(), NetlinkTransport.ROUTE, DUMP_ATTEMPTS);
        links = new LinuxLinks(netlink);
        routes = new LinuxRoutes(netlink);
        rules = new LinuxRules(netlink);
        xfrm = new LinuxXfrm(new Netlink(NetlinkTransport.real(), NetlinkTransport.XFRM, DUMP_ATTEMPTS));
        connections = new LinuxConnections(
                new Netlink(NetlinkTransport.real(), NetlinkTransport.NETFILTER, DUMP_ATTEMPTS), PROC);
        Netlink generic = new Netlink(NetlinkTransport.real(), NetlinkTransport.GENERIC, DUMP_ATTEMPTS);
        wireGuard = new LinuxWireGuard(new Uapi(UAPI_TIMEOUT), new KernelWireGuard(generic), links);
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
    public Echoes echoes() {
        return echoes;
    }

    @Override
    public WireGuardDevices wireGuard() {
        return wireGuard;
    }

    @Override
    public NodeFiles files() {
        return files;
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Watch watch(Runnable onChange) {
        return new NetlinkWatch(onChange);
    }
}
