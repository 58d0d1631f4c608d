package io.urvpn.kernel.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the launcher does for WireGuard's peers, with a real peer on the same node. */
class WireGuardPeersTest {
    private static final String PRIVATE_KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    private static final String PUBLIC_KEY = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=";
    private static final String PEERS_PRIVATE_KEY = "4N+nVHhYkmHPbTDHvqLEaIdyBqyUWjcKmRPMFfwgeFc=";
    private static final String NAME = "vpn.example.test";

    @TempDir
    Path directory;

    private Pod pod;
    private Process peer;
    private String peersKey;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(directory.resolve("hosts"), "192.0.2.9 " + NAME + "\n");
        Files.writeString(directory.resolve("tunnel.conf"), "[Interface]\nPrivateKey = " + PRIVATE_KEY + "\n");
        pod = Pod.start(Pod.compile(), directory, "mount --bind " + directory.resolve("hosts") + " /etc/hosts");
        await().until(() -> pod.request().equals(Pod.UID + "\n"));
        peer = pod.inNetwork(directory.resolve("peer.log"), "env", "WG_PROCESS_FOREGROUND=1", "wireguard-go", "peer0");
        await().until(() -> pod.onNode("ip", "-br", "link").contains("peer0"));
        Files.writeString(directory.resolve("peer.key"), PEERS_PRIVATE_KEY);
        await().untilAsserted(() -> assertThat(wg(
                        "set",
                        "peer0",
                        "listen-port",
                        "51820",
                        "private-key",
                        directory.resolve("peer.key").toString(),
                        "peer",
                        PUBLIC_KEY,
                        "allowed-ips",
                        "10.9.0.2/32"))
                .isEmpty());
        pod.onNode("ip", "link", "set", "peer0", "up");
        peersKey = wg("show", "peer0", "public-key");
    }

    @AfterEach
    void end() throws Exception {
        peer.destroyForcibly().waitFor();
        pod.kill();
    }

    /** The peer's device is in a directory of its own: the pod's is not the test's. */
    private String wg(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "wg";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Path log = directory.resolve("wg.log");
        try {
            Process process = pod.inNetwork(log, command);
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return Files.readString(log).strip();
    }

    private void up(String endpoint) throws IOException {
        Files.writeString(directory.resolve("tunnel.conf"), """
                [Interface]
                PrivateKey = %s
                [Peer]
                PublicKey = %s
                Endpoint = %s
                AllowedIPs = 10.9.0.1/32
                """.formatted(PRIVATE_KEY, peersKey, endpoint));
        pod.grant(Pod.UID);
        await().until(() -> pod.log().contains("the tunnel is up"));
        pod.onNode("ip", "link", "set", Pod.LINK, "up");
    }

    private String peers(String what) {
        return pod.onNode("wg", "show", Pod.LINK, what).replace(peersKey, "").strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:51820", "[::1]:51820"})
    void makesTheFirstContactWithAPeerToWhichNothingIsSentAndLeavesItAloneThen(String endpoint) throws Exception {
        up(endpoint);

        await().atMost(Duration.ofSeconds(20))
                .until(() -> !peers("latest-handshakes").equals("0"));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(peers("persistent-keepalive")).isEqualTo("off"));
    }

    @Test
    void looksTheNameOfAPeerUpAgainThatDoesNotAnswer() throws Exception {
        up(NAME + ":51820");
        assertThat(peers("endpoints")).isEqualTo("192.0.2.9:51820");
        assertThat(peers("latest-handshakes")).isEqualTo("0");

        Files.writeString(directory.resolve("hosts"), "127.0.0.1 " + NAME + "\n");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(peers("endpoints")).isEqualTo("127.0.0.1:51820"));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !peers("latest-handshakes").equals("0"));
    }
}
