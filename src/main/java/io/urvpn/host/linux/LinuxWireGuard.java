package io.urvpn.host.linux;

import io.urvpn.host.WireGuardDevices;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** WireGuard devices: wireguard-go's by its socket, where there is one. */
public final class LinuxWireGuard implements WireGuardDevices {
    private static final Logger LOG = System.getLogger(LinuxWireGuard.class.getName());

    private final Uapi uapi;

    /** By that interface. */
    public LinuxWireGuard(Uapi uapi) {
        this.uapi = uapi;
    }

    @Override
    public Optional<List<Peer>> peers(Path socketDirectory, String interfaceName) {
        Path socket = socket(socketDirectory, interfaceName);
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(uapi.peers(socket));
        } catch (IOException e) {
            return noAnswer(socket, e, Optional.empty());
        }
    }

    @Override
    public boolean disconnect(Path socketDirectory, String interfaceName) {
        Path socket = socket(socketDirectory, interfaceName);
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try {
            uapi.removePeers(socket);
            return true;
        } catch (IOException e) {
            return noAnswer(socket, e, false);
        }
    }

    private static Path socket(Path directory, String interfaceName) {
        return directory.resolve(interfaceName + ".sock");
    }

    private static <T> T noAnswer(Path socket, IOException e, T result) {
        LOG.log(Level.DEBUG, "no answer at " + socket + ": " + e);
        return result;
    }
}
