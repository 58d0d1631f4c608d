package io.urvpn.fake;

import io.urvpn.host.HostException;
import io.urvpn.host.NodeFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Files in memory. */
public final class FakeFiles implements NodeFiles {
    private enum Type {
        FILE,
        DIRECTORY,
        SOCKET
    }

    private record Entry(Type type, byte[] content) {}

    private static final byte[] NOTHING = {};

    private final FakeHost node;
    private final TreeMap<Path, Entry> entries = new TreeMap<>();
    private final Set<Path> locked = new HashSet<>();

    FakeFiles(FakeHost node) {
        this.node = node;
    }

    /** The contents of a file as text. */
    public Optional<String> text(String path) {
        return read(Path.of(path)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    void parse(String kind, Words words) {
        Path path = Path.of(words.next());
        byte[] content = words.more() ? words.next().getBytes(StandardCharsets.UTF_8) : NOTHING;
        put(path, new Entry(Type.valueOf(kind.toUpperCase(Locale.ROOT)), content));
    }

    private void put(Path path, Entry entry) {
        makeDirectories(path.getParent());
        entries.put(path, entry);
    }

    private void makeDirectories(Path directory) {
        for (Path each = directory; each != null && each.getNameCount() > 0; each = each.getParent()) {
            entries.putIfAbsent(each, new Entry(Type.DIRECTORY, NOTHING));
        }
    }

    void take(String path) {
        entries.remove(Path.of(path));
    }

    void clearVolatile() {
        entries.keySet().removeIf(path -> path.startsWith("/run") && path.getNameCount() > 1);
        locked.clear();
    }

    void unlock() {
        locked.clear();
    }

    List<String> render() {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<Path, Entry> each : entries.entrySet()) {
            Path path = each.getKey();
            switch (each.getValue().type) {
                case FILE ->
                    lines.add("file " + path + " "
                            + Words.quoted(new String(each.getValue().content, StandardCharsets.UTF_8)));
                case SOCKET -> lines.add("socket " + path);
                case DIRECTORY -> {
                    if (below(path).isEmpty()) {
                        lines.add("directory " + path);
                    }
                }
            }
        }
        return lines;
    }

    private List<Path> below(Path directory) {
        return entries.keySet().stream()
                .filter(path -> path.startsWith(directory) && !path.equals(directory))
                .sorted(Comparator.comparingInt(Path::getNameCount).reversed().thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    @Override
    public Optional<byte[]> read(Path path) {
        synchronized (node) {
            node.reading("file read " + path);
            Entry entry = entries.get(path);
            if (entry != null && entry.type != Type.FILE) {
                throw new HostException(HostException.Kind.OTHER, "read " + path + ": is not a regular file");
            }
            return Optional.ofNullable(entry).map(file -> file.content.clone());
        }
    }

    @Override
    public void write(Path path, byte[] content) {
        synchronized (node) {
            node.acting("file write " + path);
            Entry old = entries.get(path);
            if (old != null && old.type == Type.DIRECTORY) {
                throw new HostException(HostException.Kind.OTHER, "write " + path + ": EISDIR");
            }
            put(path, new Entry(Type.FILE, content.clone()));
            node.changed(new Change.Written(path));
        }
    }

    @Override
    public boolean delete(Path path) {
        synchronized (node) {
            node.acting("file del " + path);
            if (!below(path).isEmpty()) {
                throw new HostException(HostException.Kind.OTHER, "delete " + path + ": ENOTEMPTY");
            }
            boolean there = entries.remove(path) != null;
            if (there) {
                node.changed(new Change.Deleted(path));
            }
            return there;
        }
    }

    @Override
    public List<Path> tree(Path directory) {
        synchronized (node) {
            node.reading("tree " + directory);
            return below(directory);
        }
    }

    @Override
    public boolean exists(Path path) {
        synchronized (node) {
            node.reading("file exists " + path);
            return entries.containsKey(path);
        }
    }

    @Override
    public boolean lock(Path path) {
        synchronized (node) {
            node.acting("file lock " + path);
            makeDirectories(path.getParent());
            entries.putIfAbsent(path, new Entry(Type.FILE, NOTHING));
            return locked.add(path);
        }
    }
}
