package io.urvpn.unit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.unit.cli.Plugin.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is proposed while a command line is typed. */
class CompletionTest {
    @TempDir
    private Path directory;

    private Plugin plugin;

    @BeforeEach
    void start() {
        plugin = new Plugin(directory);
        plugin.there(Cluster.instance(), Cluster.node("n1", Duration.ZERO), Cluster.cleanup(null));
    }

    @AfterEach
    void stop() {
        plugin.close();
    }

    @Test
    void commandsAndOptionsComeFromTheCommandLineItself() {
        assertThat(plugin.complete("st"))
                .containsExactly(
                        "status\tShow tunnels by node: phase, last handshake, peer, traffic and the last error.", ":4");
        assertThat(plugin.complete("cleanup", "wa")).containsExactly("watch\tFollow an operation to its end.", ":4");
        assertThat(plugin.complete("")).noneMatch(line -> line.startsWith("_"));
        assertThat(plugin.complete("delete", "office", "--"))
                .anyMatch(line -> line.startsWith("--no-wait"))
                .anyMatch(line -> line.startsWith("--timeout"))
                .anyMatch(line -> line.startsWith("--kubeconfig"));
    }

    @Test
    void namesComeFromTheCluster() {
        assertThat(plugin.complete("delete", "")).containsExactly("office", ":4");
        assertThat(plugin.complete("delete", "office", "")).containsExactly(":4");
        assertThat(plugin.complete("report", "clean")).containsExactly(Cluster.ID, ":4");
        assertThat(plugin.complete("cleanup", "show", "")).containsExactly("office", Cluster.ID, ":4");
        assertThat(plugin.complete("cleanup", "force", Cluster.ID, "--node", ""))
                .containsExactly("n1", ":4");
    }

    @Test
    void valuesOfOptionsAreProposedInBothSpellings() {
        assertThat(plugin.complete("report", "-o", "h")).containsExactly("html", ":4");
        assertThat(plugin.complete("status", "--output=j")).containsExactly("--output=json", ":4");
        assertThat(plugin.complete("status", "--context", "")).containsExactly("here", ":4");
        assertThat(plugin.complete("cleanup", "skip", "office", "--component", "VPN"))
                .containsExactly("VPN_DISCONNECT", ":4");
        assertThat(plugin.complete("status", "--kubeconfig", "")).containsExactly(":0");
    }

    @Test
    void aClusterThatDoesNotAnswerCostsNamesOnly() {
        plugin.server
                .expect()
                .get()
                .withPath("/apis/urvpn.io/v1alpha1/vpninstances")
                .andReturn(403, "{}")
                .always();
        assertThat(plugin.complete("status", "")).containsExactly(":4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void eachShellHasItsScript(String shell) {
        assertThat(plugin.run("completion", shell).out()).contains("kubectl-vpn __complete -- ");
        assertThat(plugin.run("completion", "ksh").err()).contains("SHELL is 'ksh'; it must be bash, zsh or fish");
    }

    /** With a program in the plugin's place that answers and notes what it was asked. */
    @Test
    void bashTakesWhatThePluginProposes() throws Exception {
        Run script = plugin.run("completion", "bash");
        Path asked = directory.resolve("asked");
        Path stub = Files.writeString(
                directory.resolve("kubectl-vpn"),
                "#!/bin/sh\nprintf '%s|' \"$@\" >'" + asked + "'\nprintf 'office\\tan instance\\nother\\n:4\\n'\n");
        Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwx------"));
        Path source = Files.writeString(directory.resolve("completion.bash"), script.out());
        String replies = bash("""
            . '%s'
            COMP_WORDS=(kubectl-vpn status --output = json o) COMP_CWORD=5
            _kubectl_vpn
            printf '%%s,' "${COMPREPLY[@]}"
            """.formatted(source));
        assertThat(replies).isEqualTo("office,other,");
        assertThat(asked).hasContent("__complete|--|status|--output|json|o|");
    }

    private String bash(String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true);
        builder.environment().merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
        Process bash = builder.start();
        bash.getOutputStream().close();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return said;
    }
}
