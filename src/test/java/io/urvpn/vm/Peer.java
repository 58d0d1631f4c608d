package io.urvpn.vm;

import io.urvpn.kernel.host.Command;

/** The other end of the tunnel: kernel WireGuard in a network of its own, joined to the test's by a cable. */
final class Peer implements AutoCloseable {
    /** In the tunnel. */
    static final String ADDRESS = "10.20.0.1";

    static final String ADDRESS_V6 = "fd00:20::1";
    static final String ENDPOINT = "192.0.2.2:51820";

    private static final String NAME = "peer";

    private final String privateKey = Command.run("wg", "genkey").strip();

    /** Takes packets from those addresses of the node, by its public key. */
    Peer(String nodePublicKey, String nodeAddresses) {
        Command.line("ip netns add " + NAME);
        Command.ipBatch("""
                link add up0 type veth peer name eth0 netns %s
                address add 192.0.2.1/24 dev up0
                link set up0 up
                """.formatted(NAME));
        Command.feed("""
                address add 192.0.2.2/24 dev eth0
                link set eth0 up
                link add wg0 type wireguard
                address add %s/16 dev wg0
                address add %s/64 dev wg0
                link set wg0 up
                route add 10.8.0.0/24 dev wg0
                route add fd00:8::/64 dev wg0
                """.formatted(ADDRESS, ADDRESS_V6), "ip", "-n", NAME, "-batch", "-");
        Command.feed(
                privateKey,
                ("ip netns exec " + NAME + " wg set wg0 listen-port 51820 private-key /dev/stdin peer " + nodePublicKey
                                + " allowed-ips " + nodeAddresses)
                        .split(" "));
    }

    String publicKey() {
        return Command.feed(privateKey, "wg", "pubkey").strip();
    }

    @Override
    public void close() {
        Command.line("ip netns del " + NAME);
    }
}
