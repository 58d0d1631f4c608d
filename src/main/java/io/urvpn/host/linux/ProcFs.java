package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads /proc, telling "it has ended" from "it may not be read". */
final class ProcFs {
    /** What reading a file of a process gave. */
    sealed interface Outcome {
        /** Its contents. */
        record Content(byte[] bytes) implements Outcome {
            String text() {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        }

        /** The process has ended. */
        record Ended() implements Outcome {}

        /** It is there, and may not be read. */
        record Refused(String what) implements Outcome {}
    }

    private static final int CHUNK = 8192;
    private static final int MAX_BYTES = 8 * 1024 * 1024;

    private final Path root;

    /** Of /proc, or of a directory that a test puts in its place. */
    ProcFs(Path root) {
        this.root = root;
    }

    /** Process ids that are there now. */
    List<Integer> processes() {
        List<Integer> pids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, "[0-9]*")) {
            entries.forEach(
                    entry -> pids.add(Integer.valueOf(entry.getFileName().toString())));
        } catch (IOException e) {
            throw new HostException(
                    HostException.Kind.OTHER, "list the processes of " + root + ": " + e.getMessage(), e);
        }
        return pids;
    }

    /** A file of a process, at most 8 MiB of it. */
    Outcome read(int pid, String file) {
        String path = root.resolve(Integer.toString(pid)).resolve(file).toString();
        try {
            return new Outcome.Content(read(path));
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case Errno.ENOENT, Errno.ESRCH -> new Outcome.Ended();
                default -> new Outcome.Refused(path + ": " + Errno.name(e.errno()));
            };
        }
    }

    private static byte[] read(String path) {
        int fd = Libc.open(path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            ByteArrayOutputStream contents = new ByteArrayOutputStream();
            long read = Libc.read(fd, buffer);
            while (read > 0 && contents.size() < MAX_BYTES) {
                contents.writeBytes(buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE));
                read = Libc.read(fd, buffer);
            }
            return contents.toByteArray();
        } finally {
            Libc.close(fd);
        }
    }

    /** Where a link of a process points to; empty where it cannot be read. */
    Optional<String> link(int pid, String file) {
        try {
            return Optional.of(
                    Files.readSymbolicLink(root.resolve(Integer.toString(pid)).resolve(file))
                            .toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Names in a directory of a process; none where it has ended or may not be read. */
    List<String> names(int pid, String directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(root.resolve(Integer.toString(pid)).resolve(directory))) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            return names;
        }
        return names;
    }
}
