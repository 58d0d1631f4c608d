package io.urvpn.unit.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Configurations as people have them. Certificates and keys are no real ones: nothing here reads what is in them. */
public final class OpenVpnSamples {
    public static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBszCCAVmgAwIBAgIUJ2mVv0Vq3C9l1nX6b0s5Jm4x0pEwCgYIKoZIzj0EAwIw
            -----END CERTIFICATE-----
            """;
    /** Of which no message may show anything. */
    public static final String KEY_BODY = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgc2VjcmV0LW5vdC1z";

    public static final String KEY =
            "-----BEGIN PRIVATE KEY-----\n" + KEY_BODY + "\naG93bg==\n-----END PRIVATE KEY-----\n";
    public static final String STATIC_KEY = """
            -----BEGIN OpenVPN Static key V1-----
            e1a2b3c4d5e6f708192a3b4c5d6e7f80
            -----END OpenVPN Static key V1-----
            """;

    /** As easy-rsa and the usual install scripts write it. */
    public static final String INLINE = """
            client
            dev tun
            proto udp
            remote vpn.example.com 1194
            remote 2001:db8::1 443 tcp
            remote-random
            resolv-retry infinite
            nobind
            persist-key
            persist-tun
            remote-cert-tls server
            verify-x509-name server_1 name
            auth SHA512
            cipher AES-256-GCM
            data-ciphers AES-256-GCM:CHACHA20-POLY1305
            ignore-unknown-option block-outside-dns block-ipv6
            setenv opt block-outside-dns # for Windows
            tun-mtu 1420
            mssfix
            key-direction 1
            verb 3
            <ca>
            %1$s</ca>
            <cert>
            Certificate:
                Data:
                    Version: 3 (0x2)
            %1$s</cert>
            <key>
            %2$s</key>
            <tls-auth>
            #
            # 2048 bit OpenVPN static key
            #
            %3$s</tls-auth>
            """.formatted(CERTIFICATE, KEY, STATIC_KEY);

    /** As OpenVPN's own sample client.conf. */
    public static final String WITH_KEYS = """
            ##############################################
            # Sample client-side OpenVPN 2.0 config file #
            ##############################################
            client
            ;dev tap
            dev tun
            ;proto tcp
            proto udp
            remote my-server-1 1194
            ;remote my-server-2 1194
            resolv-retry infinite
            nobind
            persist-key
            persist-tun
            mute-replay-warnings
            ca ca.crt
            cert "client.crt"
            key client.key
            remote-cert-tls server
            tls-auth ta.key 1
            cipher AES-256-CBC
            #comp-lzo
            verb 3
            mute 20
            """;

    /** As providers hand it out. */
    public static final String WITH_NAME = """
            tls-client
            pull
            dev tun
            <connection>
              remote 203.0.113.7 1194 udp
              connect-timeout 10
            </connection>
            <connection>
              remote gateway.example.net 443 tcp-client
            </connection>
            auth-user-pass login
            auth-nocache
            reneg-sec 0
            comp-lzo no
            push-peer-info
            setenv UV_SITE "branch 7"
            pull-filter ignore "route-ipv6"
            verify-x509-name "C=DE, O=Example, CN=gw" subject
            <ca>
            %s</ca>
            """.formatted(CERTIFICATE);

    private OpenVpnSamples() {}

    /** Keys of a Secret for each of these. */
    public static Map<String, byte[]> secret() {
        Map<String, byte[]> secret = new TreeMap<>();
        secret.put("ca.crt", bytes(CERTIFICATE));
        secret.put("client.crt", bytes(CERTIFICATE));
        secret.put("client.key", bytes(KEY));
        secret.put("ta.key", bytes(STATIC_KEY));
        secret.put("login", bytes("branch7\nhunter2-secret\n"));
        return secret;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
