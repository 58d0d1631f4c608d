package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.NodeFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Files by java.nio. What is written is on the disk, name and contents, before a call returns. */
public final class LinuxFiles implements NodeFiles {
    private static final long MAX_BYTES = 4L * 1024 * 1024;
    private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Set<OpenOption> LOCK =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** Held until this process ends; closing one would free its lock. */
    private final Map<Path, FileLock> locks = new ConcurrentHashMap<>();

    @FunctionalInterface
    private interface Action<T> {
        T run() throws IOException;
    }

    private static <T> T doing(String what, Path path, Action<T> action) {
        try {
            return action.run();
        } catch (AccessDeniedException e) {
            throw new HostException(HostException.Kind.DENIED, what + " " + path + ": EACCES", e);
        } catch (IOException e) {
            String reason = e.getClass().getSimpleName() + ", " + e.getMessage();
            throw new HostException(HostException.Kind.OTHER, what + " " + path + ": " + reason, e);
        }
    }

    @Override
    public Optional<byte[]> read(Path path) {
        return doing("read", path, () -> {
            if (!exists(path)) {
                return Optional.empty();
            }
            // Before it is opened: opening a pipe would wait for a writer.
            if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is not a regular file");
            }
            try (FileChannel file = FileChannel.open(path, READ)) {
                return Optional.of(contents(file));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    private static byte[] contents(FileChannel file) throws IOException {
        if (file.size() > MAX_BYTES) {
            throw new IOException("it has " + file.size() + " bytes, more than " + MAX_BYTES);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
        int read = 0;
        while (bytes.hasRemaining() && read >= 0) {
            read = file.read(bytes);
        }
        byte[] contents = new byte[bytes.position()];
        bytes.get(0, contents);
        return contents;
    }

    /** One at a time: two writers of one file would share its temporary file. */
    @Override
    public synchronized void write(Path path, byte[] content) {
        doing("write", path, () -> {
            Path directory = path.toAbsolutePath().getParent();
            makeDirectories(directory);
            Path temporary = directory.resolve("." + path.getFileName() + ".new");
            Files.deleteIfExists(temporary);
            try (FileChannel file = FileChannel.open(temporary, CREATE, FILE_MODE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(directory);
            return null;
        });
    }

    private static void makeDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        makeDirectories(directory.getParent());
        Files.createDirectory(directory, DIRECTORY_MODE);
        sync(directory.getParent());
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public boolean delete(Path path) {
        return doing("delete", path, () -> {
            boolean there = Files.deleteIfExists(path);
            if (there) {
                sync(path.toAbsolutePath().getParent());
            }
            return there;
        });
    }

    @Override
    public List<Path> tree(Path directory) {
        return doing("list", directory, () -> {
            List<Path> found = new ArrayList<>();
            if (!isDirectory(directory)) {
                return found;
            }
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    found.add(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    if (!visited.equals(directory)) {
                        found.add(visited);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            return found;
        });
    }

    /** Unlike {@link Files#isDirectory}, which takes what cannot be looked at for no directory. */
    private static boolean isDirectory(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isDirectory();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** What may not be looked at is not known to be gone. */
    @Override
    public boolean exists(Path path) {
        return doing("look at", path, () -> {
            try {
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                return true;
            } catch (NoSuchFileException e) {
                return false;
            }
        });
    }

    @Override
    public boolean lock(Path path) {
        return doing("lock", path, () -> {
            makeDirectories(path.toAbsolutePath().getParent());
            FileChannel file = FileChannel.open(path, LOCK, FILE_MODE);
            try {
                FileLock lock = file.tryLock();
                if (lock != null) {
                    locks.put(path, lock);
                    return true;
                }
            } catch (OverlappingFileLockException e) {
                // This process has it. The channel stays open: closing it would free that lock (fcntl(2)).
                return false;
            }
            file.close();
            return false;
        });
    }
}
