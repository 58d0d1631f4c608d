package io.urvpn.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.urvpn.notify.CallRule;
import io.urvpn.notify.MqttSettings;
import io.urvpn.notify.RpcSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A real Mosquitto: TLS for the operator, whose password and topics it checks, and plain on loopback for listeners. What comes
 * while a listener is away is lost to it, so the operator is let in after the listeners.
 */
public final class Broker {
    private final Path directory;
    private final int tlsPort = freePort();
    private final int plainPort = freePort();
    private final Door door;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    private Process process;

    /**
     * Starts it.
     *
     * @param directory empty, for its files and those of the operator's Secret
     * @param address of this machine, at which the operator reaches it and for which its certificate is
     */
    public Broker(Path directory, String address) throws IOException, InterruptedException {
        this.directory = directory;
        this.door = new Door(address, tlsPort);
        Path secret = Files.createDirectories(secret());
        certify(
                "/CN=broker",
                "subjectAltName=DNS:localhost,IP:" + address,
                directory.resolve("server.key"),
                secret.resolve("ca.crt"));
        Files.writeString(secret.resolve("username"), "operator\n");
        password("operator's own");
        acceptPassword("operator's own");
        Files.writeString(directory.resolve("acl"), """
                topic readwrite #
                user operator
                topic write ur-vpn/#
                topic read ur-vpn/#
                topic deny ur-vpn/forbidden/#
                """);
        Files.writeString(directory.resolve("conf"), """
                per_listener_settings true
                user root
                listener %2$d 127.0.0.1
                certfile %1$s/secret/ca.crt
                keyfile %1$s/server.key
                allow_anonymous false
                password_file %1$s/passwords
                acl_file %1$s/acl
                listener %3$d 127.0.0.1
                allow_anonymous true
                """.formatted(directory, tlsPort, plainPort));
        start();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static void certify(String subject, String extension, Path key, Path certificate)
            throws IOException, InterruptedException {
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                subject,
                "-addext",
                extension,
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
    }

    /** From its next start on it lets in by TLS who has the certificate of {@link #giveCertificate}. */
    public void demandCertificate() throws IOException, InterruptedException {
        certify(
                "/CN=operator",
                "extendedKeyUsage=clientAuth",
                directory.resolve("client.key"),
                directory.resolve("client.crt"));
        Path conf = directory.resolve("conf");
        Files.writeString(
                conf,
                Files.readString(conf)
                        .replace(
                                "keyfile ", "cafile " + directory + "/client.crt\nrequire_certificate true\nkeyfile "));
    }

    /** The operator finds it in its Secret. */
    public void giveCertificate() throws IOException {
        Files.copy(directory.resolve("client.crt"), secret().resolve("tls.crt"));
        Files.copy(directory.resolve("client.key"), secret().resolve("tls.key"));
    }

    /** The password that the operator finds in its Secret. */
    public void password(String password) throws IOException {
        Files.writeString(secret().resolve("password"), password);
    }

    /** The password by which the broker knows the operator, from its next start on. */
    public void acceptPassword(String password) throws IOException, InterruptedException {
        run("mosquitto_passwd", "-c", "-b", directory.resolve("passwords").toString(), "operator", password);
    }

    /** Starts it again; returns when its listeners are back and the operator can reach it. */
    public void start() throws IOException {
        process = new ProcessBuilder(
                        "/usr/sbin/mosquitto", "-c", directory.resolve("conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), plainPort), 1000);
                return true;
            }
        });
        listeners.forEach(Listener::connect);
        door.open();
    }

    /** Ends it, until it is started again. */
    public void stop() throws InterruptedException {
        door.shut();
        process.destroy();
        assertThat(process.waitFor(20, SECONDS)).as("the broker ended").isTrue();
        await().atMost(Duration.ofSeconds(20)).until(() -> listeners.stream().noneMatch(Listener::connected));
    }

    /** Ends it for good. */
    public void close() throws IOException, InterruptedException {
        stop();
        door.close();
    }

    /** Where it expects the operator. */
    public int port() {
        return door.port();
    }

    /** From now on its answers to the operator are lost, or come through again on the operator's next connection. */
    public void deaf(boolean is) {
        door.deaf(is);
    }

    /** The files of the operator's Secret. */
    public Path secret() {
        return directory.resolve("secret");
    }

    /** Settings of an operator that may do what the tests need. */
    public MqttSettings settings() {
        return new MqttSettings(
                "localhost",
                port(),
                true,
                Optional.of(secret()),
                Optional.empty(),
                "ur-vpn/{instance}/cleanup",
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                Optional.of(new RpcSettings(
                        "ur-vpn/rpc/request",
                        "ur-vpn/rpc/response/",
                        4096,
                        100,
                        CallRule.of("selector", List.of("named"), "mqtt=yes"),
                        new CallRule(Set.of("labelled"), Map.of()),
                        true)));
    }

    /** Hears what is published on topics like this one, also after the broker was away. */
    public Listener listener(String filter) {
        Listener listener = new Listener(filter);
        listener.connect();
        listeners.add(listener);
        return listener;
    }

    /** A client that keeps what it heard, in its order. */
    public final class Listener implements AutoCloseable {
        private final List<Mqtt5Publish> heard = new CopyOnWriteArrayList<>();
        private final Mqtt5BlockingClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(plainPort)
                .buildBlocking();
        private final String filter;

        private Listener(String filter) {
            this.filter = filter;
        }

        private void connect() {
            // what hears ends with each session
            client.toAsync().publishes(MqttGlobalPublishFilter.ALL, heard::add);
            client.connect();
            client.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
        }

        private boolean connected() {
            return client.getState().isConnected();
        }

        /** All so far. */
        public List<Mqtt5Publish> heard() {
            return List.copyOf(heard);
        }

        /** What stands in those that were heard. */
        public List<String> texts() {
            return heard.stream()
                    .map(one -> new String(one.getPayloadAsBytes(), StandardCharsets.UTF_8))
                    .toList();
        }

        /** Sends it. */
        public void publish(Mqtt5Publish message) {
            client.publish(message);
        }

        @Override
        public void close() {
            listeners.remove(this);
            client.disconnect();
        }
    }
}
