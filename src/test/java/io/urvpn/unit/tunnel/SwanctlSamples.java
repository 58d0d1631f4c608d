package io.urvpn.unit.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Configurations of IPsec clients as people have them. Keys and certificates are no real ones. */
public final class SwanctlSamples {
    /** Of which no message may show anything. */
    public static final String SHARED_SECRET = "correct-horse-battery-staple";

    /** A shared secret, as for a gateway of a cloud. */
    public static final String PSK = """
            # to the office
            connections {
                office {
                    version = 2
                    remote_addrs = vpn.example.com, 2001:db8::1
                    vips = 0.0.0.0, ::
                    proposals = aes256-sha256-modp2048,default
                    dpd_delay = 30s
                    local {
                        auth = psk
                        id = node-1@example.com # as the peer knows it
                    }
                    remote { auth = psk
                        id = "C=CH, O=Example, CN=vpn.example.com" }
                    children {
                        net {
                            remote_ts = 10.0.0.0/16, fd00::/48
                            esp_proposals = aes256gcm16-ecp384
                            start_action = trap|start
                        }
                    }
                }
            }
            secrets {
                ike-office {
                    id-1 = node-1@example.com
                    secret = "%s"
                }
            }
            """.formatted(SHARED_SECRET);

    /** Certificates. */
    public static final String CERTIFICATE = """
            connections {
                office {
                    remote_addrs = 192.0.2.1
                    local { certs = node-1.pem }
                    remote {
                        id = vpn.example.com
                        cacerts = ca.pem
                    }
                    children { net { } }
                }
            }
            secrets {
                private {
                    file = node-1.key
                }
            }
            """;

    /** A name and a password, over a peer's certificate. */
    public static final String EAP = """
            connections {
                office {
                    remote_addrs = vpn.example.com
                    vips = 0.0.0.0
                    local {
                        auth = eap-mschapv2
                        id = alice
                        eap_id = alice
                    }
                    remote {
                        auth = pubkey
                        id = vpn.example.com
                        cacerts = ca.pem
                    }
                    children { net { remote_ts = 0.0.0.0/0 } }
                }
            }
            secrets {
                eap-alice {
                    id = alice
                    file = alice.password
                }
            }
            """;

    private SwanctlSamples() {}

    /** A Secret with all that these name. */
    public static Map<String, byte[]> secret() {
        Map<String, byte[]> secret = new TreeMap<>();
        secret.put("ca.pem", bytes(OpenVpnSamples.CERTIFICATE));
        secret.put("node-1.pem", bytes("node 1\n" + OpenVpnSamples.CERTIFICATE));
        secret.put("node-2.pem", bytes(OpenVpnSamples.CERTIFICATE.replace("MIIB", "MIIC")));
        secret.put("node-1.key", bytes(OpenVpnSamples.KEY));
        secret.put("locked.key", bytes(OpenVpnSamples.KEY.replace("PRIVATE", "ENCRYPTED PRIVATE")));
        secret.put("node-1.p12", new byte[] {0x30, 1, 2, 3});
        secret.put("alice.password", bytes(SHARED_SECRET + "\n"));
        secret.put("empty", bytes("\n"));
        return secret;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
