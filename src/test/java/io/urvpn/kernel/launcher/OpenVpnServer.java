package io.urvpn.kernel.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real OpenVPN server at 127.0.0.1:1194 of a pod's node, and what a client needs to reach it. */
final class OpenVpnServer {
    private static final String SERVER = """
            port 1194
            proto udp
            dev srv0
            dev-type tun
            server 10.210.0.0 255.255.255.0
            server-ipv6 fd00:210::/64
            topology subnet
            ca ca.crt
            cert server.crt
            key server.key
            dh none
            keepalive 1 4
            tun-mtu 1400
            push "tun-mtu 1400"
            push "route 10.211.0.0 255.255.255.0"
            push "route-ipv6 fd00:211::/64"
            disable-dco
            verb 3
            """;

    private final Path directory;

    /** With a certificate authority of its own, made in this directory. */
    OpenVpnServer(Path directory) throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key");
        openssl("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=ca", "-days", "2", "-out", "ca.crt");
        certificate("server");
        certificate("client");
        Files.writeString(directory.resolve("server.conf"), SERVER);
    }

    private void certificate(String who) throws IOException, InterruptedException {
        Files.writeString(
                directory.resolve(who + ".ext"), "extendedKeyUsage=%sAuth\nkeyUsage=digitalSignature\n".formatted(who));
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", who + ".key");
        openssl("req", "-new", "-key", who + ".key", "-subj", "/CN=" + who, "-out", who + ".csr");
        openssl(
                "x509",
                "-req",
                "-in",
                who + ".csr",
                "-CA",
                "ca.crt",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                who + ".ext",
                "-out",
                who + ".crt");
    }

    private void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + ": " + said);
        }
    }

    /** The next start is by another protocol, as openvpn(8) names them. */
    void over(String protocol) throws IOException {
        Files.writeString(directory.resolve("server.conf"), SERVER.replace("proto udp", "proto " + protocol));
    }

    Process start(Pod pod) throws IOException {
        return pod.inNetwork(
                directory.resolve("server.log"),
                "openvpn",
                "--cd",
                directory.toString(),
                "--config",
                directory.resolve("server.conf").toString());
    }

    /** A client's configuration with everything in it. */
    String client() throws IOException {
        return """
                client
                dev tun
                proto udp
                remote 127.0.0.1 1194
                nobind
                remote-cert-tls server
                <ca>
                %s</ca>
                <cert>
                %s</cert>
                <key>
                %s</key>
                """.formatted(read("ca.crt"), read("client.crt"), read("client.key"));
    }

    String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }
}
