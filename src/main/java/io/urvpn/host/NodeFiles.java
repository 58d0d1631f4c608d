package io.urvpn.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Files under the agent's own directories; symbolic links are never followed. */
public interface NodeFiles {
    /** Contents of a regular file, at most 4 MiB; empty where there is none. */
    Optional<byte[]> read(Path path);

    /**
     * Replaces a file durably: a temporary file beside it, synced, renamed, and its directory synced. Missing directories
     * are made with mode 0700; the file has mode 0600.
     */
    void write(Path path, byte[] content);

    /** Removes a file, empty directory, socket or link, and syncs its directory; false where it was not there. */
    boolean delete(Path path);

    /** Everything below a directory, deepest first, without the directory itself; empty where there is none. */
    List<Path> tree(Path directory);

    /** Whether anything of that name exists; a dangling link does. */
    boolean exists(Path path);

    /**
     * Takes the lock of that file for the life of this process.
     *
     * @return false where another process has it
     */
    boolean lock(Path path);
}
