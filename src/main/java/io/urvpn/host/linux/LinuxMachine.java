package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.Machine;
import io.urvpn.host.PacketFilter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** The machine by /proc, /sys and sockets. */
public final class LinuxMachine implements Machine {
    private static final String BOOT_ID = "sys/kernel/random/boot_id";

    private final Path proc;
    private final PacketFilter packetFilter;

    /** By that /proc. */
    public LinuxMachine(Path proc, PacketFilter packetFilter) {
        this.proc = proc;
        this.packetFilter = packetFilter;
    }

    /** The root directory of the node's init, which is the node's own where this process runs in a container. */
    private Path nodeRoot() {
        Path root = proc.resolve("1/root");
        return Files.isReadable(root.resolve("proc")) ? root : Path.of("/");
    }

    @Override
    public String bootId() {
        Path node = nodeRoot().resolve("proc").resolve(BOOT_ID);
        Path path = Files.isReadable(node) ? node : proc.resolve(BOOT_ID);
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            throw new HostException(HostException.Kind.OTHER, "read " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(kernelWireGuard(), Files.exists(nodeRoot().resolve("dev/net/tun")), xfrm(), nftables());
    }

    /** Loaded, built in, or on the disk of the node; it is not loaded for the question. */
    private boolean kernelWireGuard() {
        if (Files.isDirectory(Path.of("/sys/module/wireguard"))) {
            return true;
        }
        Path modules = nodeRoot().resolve("lib/modules").resolve(System.getProperty("os.version"));
        return Stream.of("modules.builtin", "modules.dep").map(modules::resolve).anyMatch(LinuxMachine::namesWireGuard);
    }

    private static boolean namesWireGuard(Path list) {
        try (Stream<String> lines = Files.lines(list)) {
            return lines.map(line -> line.split(":", 2)[0]).anyMatch(module -> module.contains("/wireguard.ko"));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean xfrm() {
        try {
            Libc.close(Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, NetlinkTransport.XFRM));
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private boolean nftables() {
        try {
            packetFilter.tables();
            return true;
        } catch (HostException e) {
            return false;
        }
    }

    @Override
    public boolean reaches(InetSocketAddress address, Duration timeout) {
        try (Socket socket = new Socket()) {
            socket.connect(address, Math.toIntExact(timeout.toMillis()));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
