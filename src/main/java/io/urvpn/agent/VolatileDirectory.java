package io.urvpn.agent;

import io.urvpn.host.NodeFiles;
import java.nio.file.Path;
import java.util.List;

/**
 * An instance's directory of volatile state. The kubelet makes it again for each pod, and a launcher without a permit goes
 * on asking for one there until its pod ends: an empty directory, or one with a request alone, is nothing.
 */
final class VolatileDirectory {
    private final NodeFiles files;
    private final InstancePaths paths;

    VolatileDirectory(NodeFiles files, InstancePaths paths) {
        this.files = files;
        this.paths = paths;
    }

    /** Removes the directory where nothing is in it. */
    void removeWhereNothing() {
        List<Path> tree = files.tree(paths.runtime());
        if (tree.stream().allMatch(this::isRequest)) {
            tree.forEach(files::delete);
            files.delete(paths.runtime());
        }
    }

    /** True where it is not there, or nothing that counts is in it. */
    boolean hasNothing() {
        return files.tree(paths.runtime()).stream().allMatch(this::isRequest);
    }

    /** Everything below it. */
    List<Path> content() {
        return files.tree(paths.runtime());
    }

    /** The request, or what a launcher that was killed while it wrote one left beside it. */
    private boolean isRequest(Path path) {
        return path.equals(paths.request())
                || path.getParent().equals(paths.runtime())
                        && path.getFileName().toString().startsWith(".request.");
    }
}
