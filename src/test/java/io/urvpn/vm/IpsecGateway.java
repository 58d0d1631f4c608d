package io.urvpn.vm;

import static org.awaitility.Awaitility.await;

import io.urvpn.kernel.host.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The other end of an IPsec tunnel: strongSwan with the kernel's ESP at 192.0.2.2, in a network of its own, joined to the
 * test's by a cable. It gives the node 10.220.0.11 and fd00:220::11.
 */
final class IpsecGateway implements AutoCloseable {
    /** Behind the tunnel. */
    static final String ADDRESS = "10.220.0.1";

    static final String ADDRESS_V6 = "fd00:220::1";
    static final String SECRET = "correct-horse-battery-staple";

    /** What the node's swanctl.conf must be. */
    static final String NODE_CONFIGURATION = """
            connections {
              office {
                version = 2
                remote_addrs = 192.0.2.2
                vips = 0.0.0.0, ::
                local {
                  auth = psk
                  id = node
                }
                remote {
                  auth = psk
                  id = gateway
                }
                children {
                  net {
                    remote_ts = 10.220.0.0/24, fd00:220::/64
                  }
                }
              }
            }
            secrets {
              ike {
                secret = %s
              }
            }
            """.formatted(SECRET);

    private static final String NAME = "gateway";

    private static final String STRONGSWAN = """
            charon-systemd {
              load_modular = no
              load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey hmac kdf drbg kernel-netlink socket-default vici
              plugins {
                vici {
                  socket = unix://%s/vici
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

    private static final String SWANCTL = """
            connections {
              node {
                version = 2
                unique = replace
                pools = v4, v6
                local {
                  auth = psk
                  id = gateway
                }
                remote {
                  auth = psk
                  id = node
                }
                children {
                  net {
                    local_ts = 10.220.0.0/24, fd00:220::/64
                  }
                }
              }
            }
            pools {
              v4 {
                addrs = 10.220.0.11/32
              }
              v6 {
                addrs = fd00:220::11/128
              }
            }
            secrets {
              ike {
                secret = %s
              }
            }
            """;

    private final Process charon;

    IpsecGateway(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("strongswan.conf"), STRONGSWAN.formatted(directory));
        Files.writeString(directory.resolve("swanctl.conf"), SWANCTL.formatted(SECRET));
        Command.line("ip netns add " + NAME);
        Command.ipBatch("""
                link add up0 type veth peer name eth0 netns %s
                address add 192.0.2.1/24 dev up0
                link set up0 up
                """.formatted(NAME));
        Command.feed("""
                link set lo up
                address add 192.0.2.2/24 dev eth0
                link set eth0 up
                address add %s/32 dev lo
                address add %s/128 dev lo
                """.formatted(ADDRESS, ADDRESS_V6), "ip", "-n", NAME, "-batch", "-");
        String configuration = "STRONGSWAN_CONF=" + directory.resolve("strongswan.conf");
        charon = new ProcessBuilder("ip", "netns", "exec", NAME, "env", configuration, "charon-systemd")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("charon.log").toFile())
                .start();
        await().atMost(WireGuardNode.LONG).until(() -> Files.exists(directory.resolve("vici")));
        Command.run(List.of(
                        "env",
                        "SWANCTL_DIR=" + directory,
                        configuration,
                        "swanctl",
                        "--load-all",
                        "--noprompt",
                        "--uri",
                        "unix://" + directory.resolve("vici"),
                        "--file",
                        directory.resolve("swanctl.conf").toString())
                .toArray(String[]::new));
    }

    @Override
    public void close() {
        charon.destroyForcibly();
        Command.line("ip netns del " + NAME);
    }
}
