package io.urvpn.unit.tunnel;

import java.util.List;
import java.util.Map;
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
            log /tmp/log
            log-append /tmp/log
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
}
