package io.urvpn.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.urvpn.ApiServerClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A network that was cut leaves connections of which the other end is gone; a watch over one must not wait for ever. */
class SilentConnectionTest {
    private KubernetesMockServer server;
    private CuttableNetwork network;
    private KubernetesClient client;

    @BeforeEach
    void start() throws IOException {
        server = new KubernetesMockServer(
                new Context(),
                new MockWebServer(),
                new HashMap<>(),
                new KubernetesMixedDispatcher(new HashMap<>()),
                false);
        server.init();
        network = new CuttableNetwork(server.getPort());
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + network.port())
                .build();
        client = ApiServerClient.of(config, Duration.ofSeconds(1));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        network.close();
        server.destroy();
    }

    @Test
    void aWatchWhoseConnectionFellSilentIsMadeAnewAndMissesNothing() {
        var informer = client.configMaps().inNamespace("ns").runnableInformer(0);
        informer.start();
        await().until(informer::isWatching);

        network.cutWhatIsOpen();
        try (KubernetesClient somebodyElse = server.createClient()) {
            somebodyElse
                    .configMaps()
                    .inNamespace("ns")
                    .resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName("later")
                            .endMetadata()
                            .build())
                    .create();
        }

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(informer.getStore().list())
                        .extracting(map -> map.getMetadata().getName())
                        .containsExactly("later"));
        informer.stop();
    }

    /** Passes bytes on, until what is open is cut: then nothing comes through, and nobody is told. */
    private static final class CuttableNetwork implements AutoCloseable {
        private final ServerSocket entry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Set<Socket> open = ConcurrentHashMap.newKeySet();
        private final Set<Socket> cut = ConcurrentHashMap.newKeySet();

        CuttableNetwork(int target) throws IOException {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket near = entry.accept();
                        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                        open.addAll(List.of(near, far));
                        Thread.ofVirtual().start(() -> pass(near, far));
                        Thread.ofVirtual().start(() -> pass(far, near));
                    }
                } catch (IOException e) {
                    // closed
                }
            });
        }

        int port() {
            return entry.getLocalPort();
        }

        void cutWhatIsOpen() {
            cut.addAll(open);
        }

        private void pass(Socket from, Socket to) {
            byte[] buffer = new byte[8192];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (!cut.contains(from)) {
                        out.write(buffer, 0, read);
                    }
                }
                if (!cut.contains(from)) {
                    to.close();
                }
            } catch (IOException e) {
                // one end is gone
            }
        }

        @Override
        public void close() throws IOException {
            entry.close();
            for (Socket socket : open) {
                socket.close();
            }
        }
    }
}
