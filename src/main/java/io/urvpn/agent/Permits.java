package io.urvpn.agent;

import io.urvpn.host.NodeFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** The gate of one instance: its launcher starts the daemon only while the permit holds its pod's uid. */
public final class Permits {
    private final NodeFiles files;
    private final InstancePaths paths;

    public Permits(NodeFiles files, InstancePaths paths) {
        this.files = files;
        this.paths = paths;
    }

    /** Uid of the pod that asks; empty where none does, or what stands there is no uid. */
    public Optional<String> requested() {
        return uid(paths.request());
    }

    /** Uid of the pod that may run. */
    public Optional<String> granted() {
        return uid(paths.permit());
    }

    /**
     * Lets the pod of that uid run, and no other.
     *
     * @param table the instance's routing table; its launcher derives from it what marks the kernel's state as ours
     */
    public void grant(String podUid, int table) {
        files.write(paths.table(), (table + "\n").getBytes(StandardCharsets.US_ASCII));
        files.write(paths.permit(), (podUid + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Lets no pod run; false where none was let. */
    public boolean withdraw() {
        return files.delete(paths.permit());
    }

    private Optional<String> uid(Path file) {
        return files.read(file)
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII).strip())
                .filter(uid -> uid.matches("[0-9A-Za-z-]{1,36}"));
    }
}
