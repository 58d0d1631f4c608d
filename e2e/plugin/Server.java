import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Answers as an API server that has one tunnel, for the run in which e2e/plugin/install learns what the plugin loads. */
class Server {
    /** Arguments: a key store with the password "changeit", the directory of the answers, and the file for the port. */
    static void main(String[] arguments) throws Exception {
        KeyStore keys = KeyStore.getInstance(Path.of(arguments[0]).toFile(), "changeit".toCharArray());
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/apis/urvpn.io/v1alpha1/", exchange -> {
            String kind = exchange.getRequestURI().getPath().replaceAll(".*/vpn|s$", "");
            Path file = Path.of(arguments[1], kind + ".json");
            byte[] answer = Files.exists(file) ? Files.readAllBytes(file) : "{}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        Files.writeString(Path.of(arguments[2]), Integer.toString(server.getAddress().getPort()));
    }
}
