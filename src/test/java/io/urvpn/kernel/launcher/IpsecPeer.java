package io.urvpn.kernel.launcher;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A real strongSwan that answers, in a network namespace of its own beside a pod's node: 192.0.2.2 and fd00:99::2, where the
 * node is 192.0.2.1 and fd00:99::1. Behind the tunnel it has 10.220.0.1 and fd00:220::1; {@code n1} gets the addresses
 * 10.220.0.11 and fd00:220::11, by a secret or a certificate, {@code n2} gets 10.220.0.12 and fd00:220::12 by a secret.
 */
final class IpsecPeer {
    static final String SECRET = "correct-horse-battery-staple";

    private static final String STRONGSWAN = """
            charon-systemd {
              load_modular = no
              load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey constraints hmac kdf drbg kernel-libipsec kernel-netlink socket-default vici
              plugins {
                vici {
                  socket = unix://%1$s/vici
                }
                kernel-netlink {
                  roam_events = no
                }
              }
              filelog {
                stderr {
                  default = 1
                }
              }
              journal {
                default = -1
              }
            }
            swanctl {
              load = random openssl pem pkcs1 pkcs8 x509 pubkey
            }
            """;

    private static final String CONNECTION = """
              %1$s {
                version = 2
                unique = replace
                pools = %3$s-4, %3$s-6
                local {
                  auth = %2$s
                  id = gateway
                  %4$s
                }
                remote {
                  auth = %2$s
                  id = %3$s
                  %5$s
                }
                children {
                  net {
                    local_ts = 10.220.0.0/24, fd00:220::/64
                  }
                }
              }
            """;

    private static final String REST = """
            pools {
              n1-4 {
                addrs = 10.220.0.11/32
              }
              n1-6 {
                addrs = fd00:220::11/128
              }
              n2-4 {
                addrs = 10.220.0.12/32
              }
              n2-6 {
                addrs = fd00:220::12/128
              }
            }
            secrets {
              ike-1 {
                id = n1
                secret = "%1$s"
              }
              ike-2 {
                id = n2
                secret = "%1$s"
              }
            }
            """;

    private final Path directory;
    private Process holder;
    private Process charon;

    /** With a certificate authority of its own, made in this directory. */
    IpsecPeer(Path directory) throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        for (String name : List.of(
                "x509", "x509ca", "x509ocsp", "x509aa", "x509ac", "x509crl", "pubkey", "private", "rsa", "ecdsa")) {
            Files.createDirectories(directory.resolve(name));
        }
        for (String name : List.of("bliss", "pkcs8", "pkcs12")) {
            Files.createDirectories(directory.resolve(name));
        }
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key");
        run(
                "openssl",
                "req",
                "-x509",
                "-new",
                "-key",
                "ca.key",
                "-subj",
                "/CN=ca",
                "-days",
                "2",
                "-out",
                "x509ca/ca.crt");
        certificate("gateway");
        certificate("n1");
        Files.move(directory.resolve("gateway.key"), directory.resolve("private/gateway.key"));
        Files.move(directory.resolve("gateway.crt"), directory.resolve("x509/gateway.crt"));
        Files.writeString(directory.resolve("strongswan.conf"), STRONGSWAN.formatted(directory));
        Files.writeString(
                directory.resolve("swanctl.conf"),
                "connections {\n"
                        + CONNECTION.formatted("n1-secret", "psk", "n1", "", "")
                        + CONNECTION.formatted("n2-secret", "psk", "n2", "", "")
                        + CONNECTION.formatted(
                                "n1-certificate", "pubkey", "n1", "certs = gateway.crt", "cacerts = ca.crt")
                        + "}\n"
                        + REST.formatted(SECRET));
    }

    private void certificate(String who) throws IOException, InterruptedException {
        Files.writeString(directory.resolve(who + ".ext"), "subjectAltName=DNS:%s\n".formatted(who));
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", who + ".key");
        run("openssl", "req", "-new", "-key", who + ".key", "-subj", "/CN=" + who, "-out", who + ".csr");
        List<String> command = new ArrayList<>(List.of("openssl", "x509", "-req", "-days", "2", "-CAcreateserial"));
        command.addAll(List.of("-CA", "x509ca/ca.crt", "-CAkey", "ca.key", "-extfile", who + ".ext"));
        command.addAll(List.of("-in", who + ".csr", "-out", who + ".crt"));
        run(command.toArray(String[]::new));
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(List.of(command) + ": " + said);
        }
        return said;
    }

    private String inside(String... command) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid()), "--net", "--"));
        whole.addAll(List.of(command));
        return run(whole.toArray(String[]::new));
    }

    /** Makes its network and joins it to the node's. */
    void join(Pod pod) throws IOException, InterruptedException {
        holder = new ProcessBuilder("unshare", "--net", "sleep", "infinity").start();
        Path own = Path.of("/proc/self/ns/net");
        await().until(() -> !Files.readSymbolicLink(own)
                .equals(Files.readSymbolicLink(Path.of("/proc/" + holder.pid() + "/ns/net"))));
        String peer = Long.toString(holder.pid());
        Path log = directory.resolve("join.log");
        pod.inNetwork(log, "ip", "link", "add", "wan0", "type", "veth", "peer", "name", "wan0", "netns", peer)
                .waitFor();
        pod.onNode("ip", "address", "add", "192.0.2.1/24", "dev", "wan0");
        pod.onNode("ip", "address", "add", "fd00:99::1/64", "dev", "wan0", "nodad");
        pod.onNode("ip", "link", "set", "wan0", "up");
        inside("ip", "link", "set", "lo", "up");
        inside("ip", "address", "add", "192.0.2.2/24", "dev", "wan0");
        inside("ip", "address", "add", "fd00:99::2/64", "dev", "wan0", "nodad");
        inside("ip", "link", "set", "wan0", "up");
        inside("ip", "address", "add", "10.220.0.1/32", "dev", "lo");
        inside("ip", "address", "add", "fd00:220::1/128", "dev", "lo");
    }

    void start() throws IOException, InterruptedException {
        Files.deleteIfExists(directory.resolve("vici"));
        charon = new ProcessBuilder(
                        "nsenter",
                        "-t",
                        Long.toString(holder.pid()),
                        "--net",
                        "--",
                        "env",
                        "STRONGSWAN_CONF=" + directory.resolve("strongswan.conf"),
                        "charon-systemd")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("charon.log").toFile()))
                .start();
        await().atMost(Duration.ofSeconds(15)).until(() -> Files.exists(directory.resolve("vici")));
        swanctl(
                "--load-all",
                "--noprompt",
                "--file",
                directory.resolve("swanctl.conf").toString());
    }

    private String swanctl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("env", "SWANCTL_DIR=" + directory));
        command.addAll(List.of("STRONGSWAN_CONF=" + directory.resolve("strongswan.conf"), "swanctl"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--uri", "unix://" + directory.resolve("vici")));
        return run(command.toArray(String[]::new));
    }

    /** Ends it without a word to the node. */
    void kill() throws InterruptedException {
        if (charon != null) {
            charon.destroyForcibly().waitFor();
        }
    }

    /** Ends it as it is meant to end. */
    void stop() throws InterruptedException {
        charon.destroy();
        charon.waitFor();
    }

    /** Ends it and its network. */
    void close() throws InterruptedException {
        kill();
        if (holder != null) {
            holder.destroyForcibly().waitFor();
        }
    }

    String log() throws IOException {
        return Files.readString(directory.resolve("charon.log"));
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    /** The configuration of a node with a secret. */
    static String client(String node, String address, String secret) {
        return client(node, address, "psk", "", "", """
                  ike-office {
                    secret = "%s"
                  }
                """.formatted(secret));
    }

    /** The configuration of the node n1 with its certificate: keys {@code n1.crt}, {@code n1.key} and {@code ca.crt}. */
    static String clientWithCertificate() {
        return client("n1", "192.0.2.2", "pubkey", "certs = n1.crt", "cacerts = ca.crt", """
                  private {
                    file = n1.key
                  }
                """);
    }

    private static String client(
            String node, String address, String auth, String local, String remote, String secrets) {
        return """
                connections {
                  office {
                    version = 2
                    remote_addrs = %2$s
                    vips = 0.0.0.0, ::
                    local {
                      auth = %3$s
                      id = %1$s
                      %4$s
                    }
                    remote {
                      auth = %3$s
                      id = gateway
                      %5$s
                    }
                    children {
                      net {
                        remote_ts = 10.220.0.0/24, fd00:220::/64
                      }
                    }
                  }
                }
                secrets {
                %6$s}
                """.formatted(node, address, auth, local, remote, secrets);
    }
}
