package io.urvpn.fake;

import io.urvpn.host.Machine;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Predicate;

/** The machine, in memory. */
public final class FakeMachine implements Machine {
    private final FakeHost node;
    private String bootId = "boot-1";
    private Capabilities capabilities = new Capabilities(false, true, false, true);
    private Predicate<InetSocketAddress> reachable = address -> true;

    FakeMachine(FakeHost node) {
        this.node = node;
    }

    /** Says what can be reached from now on; asked at each connection, so that it may look at the node. */
    public void reaches(Predicate<InetSocketAddress> addresses) {
        reachable = addresses;
    }

    void bootId(String id) {
        bootId = id;
    }

    void parse(Words words) {
        boolean wireGuard = false;
        boolean tun = false;
        boolean xfrm = false;
        boolean nftables = false;
        while (words.more()) {
            String word = words.next();
            switch (word) {
                case "boot" -> bootId = words.next();
                case "kernel-wireguard" -> wireGuard = true;
                case "tun" -> tun = true;
                case "xfrm" -> xfrm = true;
                case "nftables" -> nftables = true;
                default -> throw words.unknown(word);
            }
        }
        capabilities = new Capabilities(wireGuard, tun, xfrm, nftables);
    }

    @Override
    public String bootId() {
        synchronized (node) {
            node.reading("boot id");
            return bootId;
        }
    }

    @Override
    public Capabilities capabilities() {
        synchronized (node) {
            return capabilities;
        }
    }

    @Override
    public boolean reaches(InetSocketAddress address, Duration timeout) {
        synchronized (node) {
            node.reading("connect " + address);
            return reachable.test(address);
        }
    }
}
