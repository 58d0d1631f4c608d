package io.urvpn.kernel.agent;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.IdentitySource;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.kernel.host.Command;
import io.urvpn.kernel.host.NetworkNamespace;
import io.urvpn.unit.agent.AgentOnNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The key that a node makes, in real files, as a real WireGuard takes it. */
@ExtendWith(NetworkNamespace.class)
class GeneratedKeyFilesTest {
    @TempDir
    private Path directory;

    private final String name = "kk" + ProcessHandle.current().pid();
    private AgentOnNode node;
    private WireGuardGo daemon;

    @BeforeEach
    void setUp() throws IOException {
        node = new AgentOnNode(
                new OwnProcessesHost(new LinuxHost()), directory.resolve("lib"), directory.resolve("run"));
        node.edit(spec -> spec.interfaceName(name)
                .identity(IdentitySource.GENERATE_PER_NODE)
                .addresses(List.of("10.8.0.2/32")));
        Files.createDirectories(handed().getParent());
        Files.writeString(handed().resolveSibling("request"), "pod-1\n");
    }

    @AfterEach
    void end() {
        if (daemon != null) {
            daemon.end();
        }
    }

    private Path made() {
        return directory.resolve("lib").resolve(UID).resolve("private.key");
    }

    private Path handed() {
        return directory.resolve("run").resolve(UID).resolve("private.key");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void onlyItsOwnerMayReadIt() throws IOException {
        node.settle();

        assertThat(handed().resolveSibling("permit")).hasContent("pod-1");
        assertThat(mode(made())).isEqualTo("rw-------");
        assertThat(mode(made().getParent())).isEqualTo("rwx------");
        assertThat(mode(handed())).isEqualTo("rw-------");
        assertThat(handed()).hasSameTextualContentAs(made());
    }

    @Test
    void wireGuardTakesItAndHasThePublishedKey() {
        node.settle();
        daemon = WireGuardGo.start(name, UID);

        Command.run("wg", "set", name, "private-key", handed().toString());

        assertThat(Command.run("wg", "show", name, "public-key").strip())
                .isEqualTo(node.status().publicKey());
    }

    @Test
    void nothingOfItIsLeftAfterTheDetach() throws IOException {
        node.settle();
        String key = Files.readString(made()).strip();
        // as a crash leaves it while the file is being written
        Files.writeString(made().resolveSibling(".private.key.new"), key);
        node.order().pass();
        node.ask(1).pass();

        assertThat(node.status().verdict().clean())
                .as(node.status().verdict().toString())
                .isTrue();
        assertThat(made().getParent()).doesNotExist();
        try (Stream<Path> left = Files.walk(directory)) {
            assertThat(left.filter(Files::isRegularFile))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(Files.readString(file)).doesNotContain(key));
        }
    }
}
