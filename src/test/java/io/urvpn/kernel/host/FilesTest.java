package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.host.HostException;
import io.urvpn.host.NodeFiles;
import io.urvpn.host.linux.LinuxFiles;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
    private final NodeFiles files = new LinuxFiles();

    @TempDir
    private Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aFileIsReplacedAsAWholeWithDirectoriesAndModes() throws Exception {
        Path file = directory.resolve("a/b/c");
        assertThat(files.read(file)).isEmpty();
        files.write(file, bytes("one"));
        files.write(file, bytes("two"));

        assertThat(files.read(file)).contains(bytes("two"));
        assertThat(mode(file)).isEqualTo("rw-------");
        assertThat(mode(file.getParent())).isEqualTo("rwx------");
        assertThat(mode(file.getParent().getParent())).isEqualTo("rwx------");
        assertThat(files.tree(directory)).containsExactly(file, directory.resolve("a/b"), directory.resolve("a"));
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void whatACrashLeftOfAWriteIsInNobodysWay() throws Exception {
        Path file = directory.resolve("c");
        Files.writeString(directory.resolve(".c.new"), "half");
        files.write(file, bytes("whole"));
        assertThat(files.read(file)).contains(bytes("whole"));
        assertThat(files.tree(directory)).containsExactly(file);
    }

    @Test
    void linksAreNotFollowed() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path secret = Files.writeString(outside.resolve("secret"), "kept");
        Path inside = Files.createDirectory(directory.resolve("inside"));
        Path toFile = Files.createSymbolicLink(inside.resolve("file"), secret);
        Path toDirectory = Files.createSymbolicLink(inside.resolve("directory"), outside);
        Path toNothing = Files.createSymbolicLink(inside.resolve("nothing"), Path.of("/nonexistent"));

        assertThat(files.tree(inside)).containsExactlyInAnyOrder(toFile, toDirectory, toNothing);
        assertThat(files.tree(toDirectory)).isEmpty();
        assertThat(files.exists(toNothing)).isTrue();
        assertThatThrownBy(() -> files.read(toFile))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("regular");

        files.write(toFile, bytes("new"));
        assertThat(Files.isSymbolicLink(toFile)).isFalse();
        assertThat(secret).hasContent("kept");
        assertThat(files.delete(toDirectory)).isTrue();
        assertThat(files.delete(toNothing)).isTrue();
        assertThat(secret).exists();
    }

    @Test
    void deletionSaysWhatHappened() throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "");
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("f"), "");

        assertThat(files.delete(file)).isTrue();
        assertThat(files.delete(file)).isFalse();
        assertThat(files.exists(file)).isFalse();
        assertThatThrownBy(() -> files.delete(full))
                .isInstanceOf(HostException.class)
                .hasMessageContaining(full.toString());
        assertThat(files.tree(directory.resolve("none"))).isEmpty();
        for (Path path : files.tree(directory)) {
            assertThat(files.delete(path)).isTrue();
        }
        assertThat(files.tree(directory)).isEmpty();
    }

    @Test
    void aDirectoryThatCannotBeLookedAtIsNotEmpty() {
        Path unreadable = directory.resolve("n".repeat(256));
        assertThatThrownBy(() -> files.tree(unreadable)).isInstanceOf(HostException.class);
    }

    @Test
    void whatIsTooLongOrNoFileIsNotRead() throws Exception {
        Path large = directory.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(4L * 1024 * 1024 + 1);
        }
        assertThatThrownBy(() -> files.read(large)).hasMessageContaining("4194305");
        assertThatThrownBy(() -> files.read(directory)).hasMessageContaining("regular");
        Command.run("mkfifo", directory.resolve("pipe").toString());
        assertThatThrownBy(() -> files.read(directory.resolve("pipe"))).hasMessageContaining("regular");
    }

    @Test
    void aLockIsForOneProcess() throws Exception {
        Path lock = directory.resolve("lock");
        Process other = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl,sys\nf=open(sys.argv[1],'w')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\n"
                                + "sys.stdin.read()",
                        lock.toString())
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThat(files.lock(lock)).isFalse();
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(files.lock(lock)).isTrue();
        assertThat(files.lock(lock)).isFalse();
        assertThat(new LinuxFiles().lock(lock)).isFalse();
    }
}
