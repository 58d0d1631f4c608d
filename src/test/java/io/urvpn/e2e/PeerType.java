package io.urvpn.e2e;

import java.util.List;
import java.util.function.Function;

/** The types of VPN whose daemon is a program, with what the peer of the cluster has behind its tunnel (e2e/cluster/peer-*.sh). */
enum PeerType {
    OPENVPN("openvpn", "210", "211", Tunnel::openVpn) {
        @Override
        List<String> daemons(Node node, String link) {
            return node.pids("openvpn", "--dev " + link);
        }

        @Override
        String daemonsIn(String link) {
            return "pgrep -xf \"([^ ]*/)?openvpn .*--dev %s .*\"".formatted(link);
        }
    },
    IPSEC("ipsec", "220", "221", Tunnel::ipsec) {
        /** It has no argument that would tell of which instance it is. */
        @Override
        List<String> daemons(Node node, String link) {
            return node.pids("charon-systemd");
        }

        @Override
        String daemonsIn(String link) {
            return "pgrep -x charon-systemd";
        }
    };

    /** As the cluster's script has it. */
    final String script;
    /** Addresses behind the tunnel. */
    final String address;

    final String addressV6;
    final String routed;
    private final String net;
    private final Function<String, Tunnel> tunnel;

    PeerType(String script, String net, String routed, Function<String, Tunnel> tunnel) {
        this.script = script;
        this.net = net;
        this.address = "10." + net + ".0.1";
        this.addressV6 = "fd00:" + net + "::1";
        this.routed = "10." + routed + ".0.1";
        this.tunnel = tunnel;
    }

    Tunnel tunnel(String name) {
        return tunnel.apply(name);
    }

    /** Addresses of a node in the tunnel, IPv4 and IPv6. */
    List<String> addressesOf(Node node) {
        String last = "1" + node.name().substring(1);
        return List.of("10." + net + ".0." + last, "fd00:" + net + "::" + last);
    }

    /** Process ids of the daemons of an instance. */
    abstract List<String> daemons(Node node, String link);

    /** The same as a command. */
    abstract String daemonsIn(String link);
}
