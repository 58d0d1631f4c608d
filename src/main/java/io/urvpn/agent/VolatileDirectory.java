package io.urvpn.agent;

import io.urvpn.host.NodeFiles;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * An instance's directory of volatile state. The kubelet makes it again for each pod, and a launcher that waits for its
 * permit writes its request there: such a directory is nothing, and is removed when the pods have gone.
 */
final class VolatileDirectory {
    private final NodeFiles files;
    private final InstancePaths paths;

    VolatileDirectory(NodeFiles files, InstancePaths paths) {
        this.files = files;
        this.paths = paths;
    }

    /**
     * Removes the directory where nothing is in it.
     *
     * @param permitted pods that had the permit; their request is something
     */
    void removeWhereNothing(Collection<String> permitted) {
        List<Path> tree = files.tree(paths.runtime());
        boolean request = tree.equals(List.of(paths.request()))
                && new Permits(files, paths)
                        .requested()
                        .filter(uid -> !permitted.contains(uid))
                        .isPresent();
        if (request) {
            files.delete(paths.request());
        }
        if (request || tree.isEmpty()) {
            files.delete(paths.runtime());
        }
    }

    /** Everything below a directory. */
    static List<Path> something(NodeFiles files, Path directory) {
        return files.tree(directory);
    }
}
