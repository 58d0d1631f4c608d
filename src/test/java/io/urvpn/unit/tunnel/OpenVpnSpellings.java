package io.urvpn.unit.tunnel;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Directives that no configuration may have, and ways to write them. */
public final class OpenVpnSpellings {
    /** Each with values that openvpn 2.6 takes, where it has such values. */
    public static final List<String> DANGEROUS = """
            up /bin/true
            down /bin/true
            route-up /bin/true
            route-pre-down /bin/true
            ipchange /bin/true
            tls-verify /bin/true
            auth-user-pass-verify /bin/true via-file
            client-connect /bin/true
            client-disconnect /bin/true
            learn-address /bin/true
            tls-crypt-v2-verify /bin/true
            script-security 2
            plugin /usr/lib/openvpn/plugin.so
            engine dynamic
            providers legacy default
            pkcs11-providers /usr/lib/library.so
            pkcs11-id anything
            config /dev/null
            cd /tmp
            chroot /tmp
            user nobody
            group nogroup
            daemon
            syslog
            log /dev/stderr
            log-append /dev/stderr
            status /tmp/status
            writepid /tmp/pid
            replay-persist /tmp/replay
            ifconfig-pool-persist /tmp/pool
            tmp-dir /tmp
            tls-export-cert /tmp
            client-config-dir /tmp
            capath /etc/ssl/certs
            management 127.0.0.1 7505
            management-client
            management-hold
            management-query-passwords
            management-external-key
            dev-node /dev/net/tun
            iproute /bin/true
            lladdr 02:00:00:00:00:01
            dev tap0
            dev-type tap
            mode server
            server 10.8.0.0 255.255.255.0
            server-bridge
            port-share 127.0.0.1 443
            tls-server
            remap-usr1 SIGTERM
            setenv LD_PRELOAD /tmp/library.so
            setenv-safe NAME value
            echo msg
            mlock
            nice 1
            ifconfig 10.0.0.1 10.0.0.2
            route 10.0.0.0 255.0.0.0
            redirect-gateway def1
            dhcp-option DNS 10.0.0.1
            secret static.key
            mktun
            rmtun
            genkey
            test-crypto
            show-tls
            show-ciphers
            http-proxy proxy.example.com 3128 stdin basic
            socks-proxy proxy.example.com 1080 /etc/passwd
            ca /etc/ssl/certs/ca.pem
            ca ../ca.crt
            key ./client.key
            crl-verify /tmp dir
            auth-user-pass
            auth-user-pass stdin
            askpass
            remote-cert-tls client
            remote-cert-eku "TLS Web Client Authentication"
            tls-cert-profile insecure
            tls-cipher DEFAULT:@SECLEVEL=0
            cipher none
            verb 9
            proto tcp-server
            static-challenge code 1
            tls-auth /etc/key 1
            """.lines().toList();

    /** A directive of each kind that a client may have, with values. */
    public static final List<String> ALLOWED = """
            client
            tls-client
            pull
            nobind
            float
            remote-random
            remote-random-hostname
            persist-key
            persist-tun
            persist-local-ip
            persist-remote-ip
            ping-timer-rem
            auth-nocache
            push-peer-info
            mute-replay-warnings
            fast-io
            passtos
            mtu-test
            tun-ipv6
            ifconfig-noexec
            ifconfig-nowarn
            route-noexec
            route-nopull
            tls-exit
            comp-noadapt
            preresolve
            disable-dco
            http-proxy-retry
            socks-proxy-retry
            dev tun7
            dev-type tun
            mode p2p
            topology subnet
            remote 2001:db8::1 1194 tcp6-client
            proto udp6
            proto-force tcp
            port 1194
            rport 1194
            lport 0
            local 192.0.2.2
            bind ipv6only
            resolv-retry infinite
            connect-retry 1 4
            connect-retry-max 5
            connect-timeout 8
            server-poll-timeout 8
            http-proxy proxy.example.com 3128
            http-proxy-timeout 5
            socks-proxy proxy.example.com 1080
            keepalive 10 60
            ping 10
            ping-restart 60
            ping-exit 60
            explicit-exit-notify 2
            sndbuf 0
            rcvbuf 65536
            txqueuelen 500
            shaper 100000
            mute 20
            mark 42
            socket-flags TCP_NODELAY
            tun-mtu 1400
            tun-mtu-max 1600
            link-mtu 1500
            udp-mtu 1500
            max-packet-size 1400
            fragment 1300 mtu
            mssfix 1400 mtu
            mtu-disc maybe
            verb 6
            replay-window 64 15
            reneg-sec 3600 3000
            reneg-bytes 0
            reneg-pkts 0
            hand-window 60
            tran-window 3600
            tls-timeout 2
            auth-retry nointeract
            pull-filter ignore "route-ipv6 "
            comp-lzo adaptive
            compress stub-v2
            allow-compression asym
            cipher AES-256-GCM
            auth SHA512
            data-ciphers AES-256-GCM:?CHACHA20-POLY1305
            ncp-ciphers AES-256-GCM
            data-ciphers-fallback AES-256-CBC
            compat-mode 2.4.0
            key-direction 1
            tls-version-min 1.2 or-highest
            tls-version-max 1.3
            tls-cipher TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384
            tls-ciphersuites TLS_AES_256_GCM_SHA384
            tls-groups X25519:secp256r1
            ecdh-curve secp384r1
            tls-cert-profile preferred
            remote-cert-tls server
            ns-cert-type server
            remote-cert-ku a0 88
            remote-cert-eku "TLS Web Server Authentication"
            verify-x509-name "C=DE, CN=server" subject
            setenv UV_SITE "branch 7"
            setenv FORWARD_COMPATIBLE 1
            setenv opt block-outside-dns
            setenv opt persist-tun
            ignore-unknown-option block-outside-dns register-dns
            askpass ta.key
            crl-verify ta.key
            extra-certs ca.crt
            auth-user-pass login
            tls-crypt ta.key
            tls-crypt-v2 ta.key
            """.lines().toList();

    private static final Set<String> FILES = Set.of("ca", "key", "crl-verify", "tls-auth", "auth-user-pass");

    private OpenVpnSpellings() {}

    /** Ways to write a directive, by what is particular to each; openvpn takes most of them. */
    public static Map<String, String> of(String directive) {
        int end = directive.indexOf(' ') < 0 ? directive.length() : directive.indexOf(' ');
        String name = directive.substring(0, end);
        String values = directive.substring(end).strip();
        Map<String, String> spellings = new TreeMap<>();
        spellings.put("plain", directive);
        spellings.put("dashes", "--" + directive);
        spellings.put("double quotes", "\"" + name + "\" " + values);
        spellings.put("single quotes", "'" + name + "'" + values);
        spellings.put("quoted dashes", "\"--" + name + "\" " + values);
        spellings.put("tabs", "\t\t" + name + "\t \t" + values + "\t");
        spellings.put("carriage returns", "\r" + name + "\r" + values + "\r");
        spellings.put("escaped space before", "\\ " + directive);
        spellings.put("escaped tab before", " \\\t" + directive);
        spellings.put("comment behind", directive + " # remote-cert-tls server");
        spellings.put("other comment behind", directive + "\t;");
        spellings.put("setenv opt", "setenv opt " + directive);
        spellings.put("quoted setenv opt", "--setenv \"opt\" '" + name + "' " + values);
        spellings.put("values quoted", name + (values.isEmpty() ? "" : " \"" + values.replace(" ", "\" \"") + "\""));
        spellings.put("after an empty comment", "#\n;\n" + directive);
        spellings.put("backslash at the end of the line before", "# \\\n" + directive);
        spellings.put("ignored when unknown", "ignore-unknown-option " + name + "\n" + directive);
        spellings.put("forward compatible", "setenv FORWARD_COMPATIBLE 1\n" + directive);
        // the block of a file holds the file, and is no path
        if (!FILES.contains(name)) {
            spellings.put("block", "<" + name + ">\n" + values + "\n</" + name + ">");
            spellings.put("quoted block", "\"<" + name + ">\"\n" + values + "\n  </" + name + ">");
            spellings.put("block with dashes", "--<" + name + ">\n" + values + "\n</" + name + ">");
        }
        spellings.put("connection", "<connection>\nremote 192.0.2.1\n" + directive + "\n</connection>");
        spellings.put(
                "connection and setenv opt", "<connection>\nremote h\n setenv opt " + directive + "\n</connection>");
        spellings.put("behind the end of a block", "<ca>\nx\n</ca>\n" + directive);
        spellings.put("behind a block that ends early", "<extra-certs>\n </extra-certs> x\n" + directive);
        spellings.put(
                "behind a block that ends within a line",
                "<extra-certs>\n" + "x".repeat(255) + "</extra-certs>\n" + directive + "\n</extra-certs>");
        spellings.put("behind a long comment", "#" + "x".repeat(255) + directive);
        spellings.put("behind a NUL", "# \0" + "x".repeat(253) + directive);
        return spellings;
    }

    /** Changes a text in one place. */
    public static void mutate(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        int to = Math.min(text.length(), at + 1 + random.nextInt(8));
        switch (random.nextInt(6)) {
            case 0 -> text.deleteCharAt(at);
            case 1 ->
                text.insert(at, one(random, List.of("\"", "'", "\\", "#", ";", " ", "\t", "\n", "\r", "\0", "--")));
            case 2 -> text.setCharAt(at, (char) random.nextInt(0x180));
            case 3 -> text.insert(random.nextInt(text.length()), text.substring(at, to));
            case 4 -> text.delete(at, to);
            default ->
                text.insert(at, one(random, List.of("<ca>", "</ca>", "<connection>", "</connection>", "setenv opt ")));
        }
    }

    private static String one(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
