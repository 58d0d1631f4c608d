package io.urvpn.host.linux;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Connections;
import io.urvpn.host.Flow;
import io.urvpn.host.HostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Connection tracking over netlink (ctnetlink). */
public final class LinuxConnections implements Connections {
    /** It changes with every packet of somebody: a dump that waited for it to stand still would never end. */
    private static final int NO_GROUPS = 0;

    /** What the kernel answers for a subsystem of netfilter that it does not have, or for the whole of them. */
    private static final Set<Integer> NOT_SHOWN = Set.of(Errno.EINVAL, Errno.EPROTONOSUPPORT, Errno.EOPNOTSUPP);

    private static final String LIMIT = "sys/net/netfilter/nf_conntrack_max";

    private final Netlink netlink;
    private final Path proc;

    /**
     * Over a conversation of NETLINK_NETFILTER.
     *
     * @param proc where proc(5) is; its sysctl tells whether the kernel tracks at all
     */
    public LinuxConnections(Netlink netlink, Path proc) {
        this.netlink = netlink;
        this.proc = proc;
    }

    @Override
    public List<Flow> list(Set<IpPrefix> addresses) {
        List<Flow> flows = new ArrayList<>();
        Set<IpPrefix> hosts = addresses.stream().map(LinuxConnections::alone).collect(Collectors.toSet());
        addresses.stream().map(IpPrefix::v6).distinct().sorted().forEach(v6 -> flows.addAll(list(v6, hosts)));
        return flows;
    }

    private static IpPrefix alone(IpPrefix address) {
        byte[] bytes = address.bytes();
        return IpPrefix.of(bytes, bytes.length * 8);
    }

    /** The kernel says a chain of its table again where the entry at which it had paused has gone meanwhile. */
    private List<Flow> list(boolean v6, Set<IpPrefix> hosts) {
        String what = v6 ? "tracked IPv6 connections" : "tracked IPv4 connections";
        try {
            return netlink
                    .read(
                            what,
                            ConnectionMessages.dump(v6),
                            NO_GROUPS,
                            message -> ConnectionMessages.flow(message).filter(flow -> through(flow, hosts)))
                    .stream()
                    .distinct()
                    .toList();
        } catch (HostException e) {
            if (!(e.getCause() instanceof ErrnoException errno) || !NOT_SHOWN.contains(errno.errno())) {
                throw e;
            }
            if (Files.exists(proc.resolve(LIMIT))) {
                throw new HostException(
                        HostException.Kind.UNSUPPORTED,
                        "dump of " + what
                                + ": the kernel tracks them but does not show them; is nf_conntrack_netlink there? "
                                + errno.getMessage(),
                        e);
            }
            return List.of();
        }
    }

    private static boolean through(Flow flow, Set<IpPrefix> hosts) {
        return Stream.of(flow.original(), flow.reply())
                .flatMap(tuple -> Stream.of(tuple.source(), tuple.destination()))
                .anyMatch(hosts::contains);
    }

    @Override
    public boolean delete(Flow flow) {
        try {
            Optional<Flow> standing = netlink.ask(ConnectionMessages.get(flow)).stream()
                    .flatMap(message -> ConnectionMessages.flow(message).stream())
                    .findFirst();
            if (!standing.equals(Optional.of(flow))) {
                return false;
            }
            netlink.change(ConnectionMessages.delete(flow));
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw Errno.refusal("delete the tracked connection " + flow, e);
        }
    }
}
