package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher runs WireGuard, the real one, with the key that the node's agent has made. */
class GeneratedKeyLauncherTest {
    private static final String PRIVATE_KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    private static final String PUBLIC_KEY = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=";
    private static final String PEER = "6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E=";
    private static final String FOR_ALL =
            "[Interface]\nMTU = 1380\n[Peer]\nPublicKey = " + PEER + "\nAllowedIPs = 10.0.0.0/8";
    /** A kernel without WireGuard, whatever that of this machine has. */
    private static final String OTHER_IP = """
            #!/bin/sh
            case "$*" in
              *"type wireguard") echo "RTNETLINK answers: Operation not supported" >&2; exit 2 ;;
              *) exec /usr/sbin/ip "$@" ;;
            esac
            """;

    private static Path launcher;

    @TempDir
    Path directory;

    private Pod pod;

    @BeforeAll
    static void compile() throws Exception {
        launcher = Pod.compile();
    }

    @BeforeEach
    void withoutKernelWireGuard() throws IOException {
        Path file = Files.createDirectories(directory.resolve("bin")).resolve("ip");
        Files.writeString(file, OTHER_IP);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void end() throws Exception {
        if (pod != null) {
            pod.kill();
        }
    }

    private void start() throws IOException {
        pod = Pod.start(
                launcher,
                directory,
                "true",
                "WireGuard",
                Map.of(
                        "URVPN_IDENTITY",
                        "GeneratePerNode",
                        "URVPN_PLAIN_CONFIG",
                        directory.resolve("plain.conf").toString()));
        pod.grant(Pod.UID);
    }

    private void key(String text) throws IOException {
        Files.createDirectories(directory.resolve("node"));
        Files.writeString(directory.resolve("node/private.key"), text);
    }

    /** As the kubelet does it where the Secret has no key for a node. */
    private void configuredForAll() throws IOException {
        Files.createDirectories(directory.resolve("tunnel.conf"));
        Files.writeString(directory.resolve("plain.conf"), FOR_ALL);
    }

    private String show(String what) {
        return pod.onNode("wg", "show", Pod.LINK, what);
    }

    @Test
    void theInterfaceHasTheNodesKeyAndThePeersOfAllNodes() throws Exception {
        configuredForAll();
        key(PRIVATE_KEY + "\n");
        start();
        await().until(() -> pod.log().contains("the tunnel is up"));

        assertThat(show("public-key")).isEqualTo(PUBLIC_KEY);
        assertThat(show("allowed-ips")).isEqualTo(PEER + "\t10.0.0.0/8");
    }

    @Test
    void aConfigurationOfTheNodesOwnComesBeforeThatOfAll() throws Exception {
        Files.writeString(directory.resolve("plain.conf"), FOR_ALL);
        Files.writeString(directory.resolve("tunnel.conf"), FOR_ALL.replace("10.0.0.0/8", "10.9.0.0/16"));
        key(PRIVATE_KEY + "\n");
        start();
        await().until(() -> pod.log().contains("the tunnel is up"));

        assertThat(show("allowed-ips")).isEqualTo(PEER + "\t10.9.0.0/16");
        assertThat(show("public-key")).isEqualTo(PUBLIC_KEY);
    }

    @Test
    void aKeyThatCameIntoTheSecretMeanwhileIsNotUsed() throws Exception {
        Files.writeString(
                directory.resolve("tunnel.conf"),
                FOR_ALL.replace("MTU = 1380", "P r i v a t e Key = 6D2rPDkkZ5x8b0XlKxGZhYtIUX8VBCcRc9SxCuXwU0E="));
        key(PRIVATE_KEY + "\n");
        start();
        await().until(() -> pod.log().contains("the tunnel is up"));

        assertThat(show("public-key")).isEqualTo(PUBLIC_KEY);
    }

    @Test
    void withoutTheKeyNothingIsMadeUntilItIsThere() throws Exception {
        configuredForAll();
        start();
        await().until(() -> pod.log().contains("the node's own key is not there, and there is no other"));
        assertThat(pod.hasLink()).isFalse();
        key("\n");
        await().until(() -> pod.log().contains("the node's own key is empty, and there is no other"));
        assertThat(pod.hasLink()).isFalse();

        key(PRIVATE_KEY + "\n");

        await().until(pod::hasLink);
        await().until(() -> show("public-key").equals(PUBLIC_KEY));
    }

    @Test
    void theKeyStandsInNoLogArgumentOrEnvironment() throws Exception {
        configuredForAll();
        key(PRIVATE_KEY + "tooLong\n");
        start();
        await().until(() -> pod.log().contains("the configuration was not accepted"));
        assertThat(pod.log()).doesNotContain(PRIVATE_KEY.substring(0, 20));

        key(PRIVATE_KEY + "\n");
        await().until(() -> pod.log().contains("the tunnel is up"));

        long daemon = pod.daemon().orElseThrow().pid();
        assertThat(Files.readString(Path.of("/proc/" + daemon + "/cmdline"))).doesNotContain(PRIVATE_KEY);
        assertThat(Files.readString(Path.of("/proc/" + daemon + "/environ"))).doesNotContain(PRIVATE_KEY);
        assertThat(pod.log()).doesNotContain(PRIVATE_KEY);
    }

    @Test
    void anIdentityThatThisImageDoesNotKnowIsNoSilentFallback() throws Exception {
        configuredForAll();
        pod = Pod.start(launcher, directory, "true", "WireGuard", Map.of("URVPN_IDENTITY", "FromElsewhere"));

        await().until(() -> pod.log().contains("URVPN_IDENTITY is"));
        await().until(() -> !pod.isRunning());
        assertThat(pod.log()).doesNotContain("the tunnel is up");
    }
}
