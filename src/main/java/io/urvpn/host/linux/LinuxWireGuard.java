package io.urvpn.host.linux;

import io.urvpn.host.Links;
import io.urvpn.host.WireGuardDevices;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** WireGuard devices: the kernel's where the link is one of its, else wireguard-go's by its socket. */
public final class LinuxWireGuard implements WireGuardDevices {
    private static final Logger LOG = System.getLogger(LinuxWireGuard.class.getName());
    private static final String KERNEL_KIND = "wireguard";

    private final Uapi uapi;
    private final KernelWireGuard kernel;
    private final Links links;

    /** By both ways. */
    public LinuxWireGuard(Uapi uapi, KernelWireGuard kernel, Links links) {
        this.uapi = uapi;
        this.kernel = kernel;
        this.links = links;
    }

    @Override
    public Optional<List<Peer>> peers(Path socketDirectory, String interfaceName) {
        if (inKernel(interfaceName)) {
            return kernel.peers(interfaceName);
        }
        return ask(socketDirectory, interfaceName, uapi::peers);
    }

    @Override
    public boolean disconnect(Path socketDirectory, String interfaceName) {
        if (inKernel(interfaceName)) {
            return kernel.removePeers(interfaceName);
        }
        return ask(socketDirectory, interfaceName, socket -> {
                    uapi.removePeers(socket);
                    return true;
                })
                .orElse(false);
    }

    private boolean inKernel(String interfaceName) {
        return links.named(interfaceName)
                .filter(link -> link.kind().equals(KERNEL_KIND))
                .isPresent();
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask(Path socket) throws IOException;
    }

    private static <T> Optional<T> ask(Path directory, String interfaceName, Question<T> question) {
        Path socket = directory.resolve(interfaceName + ".sock");
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(question.ask(socket));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "no answer at " + socket + ": " + e);
            return Optional.empty();
        }
    }
}
