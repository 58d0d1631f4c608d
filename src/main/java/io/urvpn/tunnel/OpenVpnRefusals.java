package io.urvpn.tunnel;

import java.util.HashMap;
import java.util.Map;

/**
 * Why a directive of OpenVPN is refused, by its name. Every directive that openvpn 2.6 knows and that is not allowed
 * stands here, with those of before and after it that people have in their files; what stands nowhere is refused too.
 */
final class OpenVpnRefusals {
    private static final Map<String, String> REASONS = new HashMap<>();

    static {
        refuse(
                "would run a program on the node; none is run here. What it did belongs into the VpnInstance: remove it",
                "up down route-up route-pre-down ipchange dns-updown");
        refuse("is for the programs of up and down, which are not run here; remove it", "up-delay down-pre up-restart");
        refuse(
                "would run a program for each certificate; verify-x509-name and remote-cert-tls judge it without one",
                "tls-verify");
        refuse("would write the peer's certificates into a directory; remove it", "tls-export-cert");
        refuse(
                "would run a program, and is a server's; remove it",
                "auth-user-pass-verify client-connect client-disconnect client-crresponse learn-address"
                        + " tls-crypt-v2-verify");
        refuse("allows programs to be run; none is run here, so remove it", "script-security");
        refuse("sets variables for programs, of which none is run here; remove it", "setenv-safe");
        refuse("would load a library into the daemon; remove it", "plugin engine providers");
        refuse(
                "would load a library for a smart card; give certificate and key as keys of the Secret",
                "pkcs11-providers");
        refuse(
                "is for smart cards, which are not supported; give certificate and key as keys of the Secret",
                "pkcs11-id pkcs11-id-management pkcs11-pin-cache pkcs11-private-mode pkcs11-protected-authentication"
                        + " pkcs11-cert-private show-pkcs11-ids cryptoapicert");
        refuse("would read another configuration; put everything into one key of the Secret", "config");
        refuse("names the directory that files are read from, which is the Secret's here; remove it", "cd");
        refuse("would read every file of a directory; name one file with ca", "capath");
        refuse("would move the daemon away from its files; it has a container of its own, so remove it", "chroot");
        refuse("would make a file for each connection; remove it", "tmp-dir client-config-dir");
        refuse("is decided by the pod, which the daemon has for itself; remove it", "user group setcon nice mlock");
        refuse("would take the daemon away from its launcher; remove it", "daemon inetd service");
        refuse("would write a file; the daemon's log is the pod's: kubectl logs; remove it", "log log-append");
        refuse("would write the log elsewhere; it is the pod's: kubectl logs; remove it", "syslog");
        refuse(
                "would change the log's form, which is read here; remove it",
                "machine-readable-output" + " suppress-timestamps errors-to-stderr");
        refuse("would write a file; the state is in the VpnAttachment's status: remove it", "status writepid memstats");
        refuse("is for status, which is refused; remove it", "status-version");
        refuse("would write a file that outlives the connection; remove it", "replay-persist ifconfig-pool-persist");
        refuse(
                "opens the daemon to be steered by others; here the launcher steers it: remove it",
                "management management-client management-client-auth management-client-group management-client-user"
                        + " management-external-cert management-external-key management-forget-disconnect"
                        + " management-hold management-log-cache management-query-passwords management-query-proxy"
                        + " management-query-remote management-signal management-up-down");
        refuse("writes text of the file to where the daemon is steered from; remove it", "echo parameter");
        refuse("would open another device; the interface is made by spec.interfaceName: remove it", "dev-node");
        refuse("would make or remove a device that outlives the daemon; remove it", "mktun rmtun");
        refuse("replaces the program that sets addresses and routes; the agent sets them: remove it", "iproute");
        refuse("is for tap devices, which are not supported; remove it", "lladdr tun-mtu-extra tap-sleep");
        refuse("would turn a lost connection into another signal than the launcher expects; remove it", "remap-usr1");
        refuse("would end the daemon of a tunnel that is to stay up; remove it", "inactive session-timeout");
        refuse("belongs into spec.addresses, where the peer does not give them; remove it", "ifconfig ifconfig-ipv6");
        refuse(
                "belongs into spec.routes of the VpnInstance; remove it",
                "route route-ipv6 route-gateway route-ipv6-gateway route-metric route-delay max-routes redirect-gateway"
                        + " redirect-private allow-recursive-routing");
        refuse("belongs into spec.masquerade and spec.rules of the VpnInstance; remove it", "client-nat block-ipv6");
        refuse("is not applied: the node's name resolution stays as it is; remove it", "dhcp-option dns");
        refuse(
                "is for a static key, which has no forward secrecy and which OpenVPN has given up; use certificates",
                "secret");
        refuse("asks a person, and nobody can type here; remove it", "static-challenge");
        refuse("is a secret that the server gives for one session; remove it", "auth-token auth-token-user");
        refuse("would take protection away from the tunnel; remove it", "no-replay");
        refuse("would compare the CA's fingerprint only; use ca, or peer-fingerprint for the server's", "verify-hash");
        refuse(
                "changes by what name a certificate is judged, for programs; remove it",
                "x509-track compat-names" + " no-name-remapping x509-username-field");
        refuse("hands out keys of the connection; remove it", "keying-material-exporter");
        refuse(
                "comes from the server in a connection, and never from a file; remove it",
                "key-derivation"
                        + " protocol-flags peer-id force-tls-key-material-export push-continuation dhcp-internal rdns-internal"
                        + " msg-channel");
        refuse("would send the password of a proxy; proxies are supported without one", "http-proxy-user-pass");
        refuse("changes the request to the proxy; remove it", "http-proxy-option http-proxy-override");
        refuse("would bind the tunnel to another device; remove it", "bind-dev");
        refuse(
                "makes the daemon print something and end; remove it",
                "help version genkey test-crypto show-adapters show-ciphers show-curves show-digests show-engines"
                        + " show-gateway show-groups show-net show-net-up show-tls show-valid-subnets");
        refuse(
                "is a server's; a node is a client: remove it",
                "server server-ipv6 server-bridge tls-server dh port-share push push-reset push-remove ifconfig-pool"
                        + " ifconfig-ipv6-pool ifconfig-push ifconfig-ipv6-push ifconfig-push-constraint iroute"
                        + " iroute-ipv6 hash-size connect-freq connect-freq-initial max-clients max-routes-per-client"
                        + " client-cert-not-required verify-client-cert username-as-common-name auth-user-pass-optional"
                        + " opt-verify auth-gen-token auth-gen-token-secret ccd-exclusive bcast-buffers tcp-queue-limit"
                        + " client-to-client duplicate-cn disable tcp-nodelay stale-routes-check multihome vlan-tagging"
                        + " vlan-accept vlan-pvid");
        refuse(
                "is for Windows only, and OpenVPN takes it here only behind setenv opt or ignore-unknown-option",
                "block-outside-dns register-dns ip-win32 windows-driver");
        refuse(
                "is for Windows only; remove it",
                "dhcp-pre-release dhcp-release dhcp-renew route-method win-sys pause-exit allow-nonadmin");
        refuse(
                "does nothing for a tunnel, or is for testing; remove it",
                "gremlin prng use-prediction-resistance mtu-dynamic disable-occ single-session allow-pull-fqdn ip-remote-hint");
        refuse("is not known to OpenVPN 2.6 any more; remove it", "keysize ncp-disable no-iv key-method tls-remote");
    }

    private OpenVpnRefusals() {}

    private static void refuse(String reason, String names) {
        for (String name : names.split(" ")) {
            REASONS.put(name, reason);
        }
    }

    /** What to say of a directive that is not allowed. Its name is told only where it is one, as it may be a secret. */
    static String reason(String name) {
        String reason = REASONS.get(name);
        return reason == null
                ? "does not begin with a directive of OpenVPN 2.6 that may stand here; docs/openvpn.md lists them"
                : name + " " + reason;
    }
}
