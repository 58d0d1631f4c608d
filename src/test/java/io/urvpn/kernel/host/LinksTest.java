package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Host;
import io.urvpn.host.HostException;
import io.urvpn.host.Link;
import io.urvpn.host.LinkAddress;
import io.urvpn.host.linux.LinuxHost;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NetworkNamespace.class)
class LinksTest {
    private final Host host = new LinuxHost();

    @Test
    void linksHaveKindAliasMtuFlagsAndMaster() {
        Command.line("ip link add br7 type bridge");
        Command.line("ip link add veth7 mtu 1400 type veth peer name veth8");
        Command.line("ip link set veth7 alias urvpn:x master br7 up");
        Command.line("ip tuntap add dev urv0 mode tun");

        Link bridge = host.links().named("br7").orElseThrow();
        Link veth = host.links().named("veth7").orElseThrow();
        assertThat(bridge.kind()).isEqualTo("bridge");
        assertThat(veth)
                .isEqualTo(
                        new Link(veth.index(), "veth7", "veth", "urvpn:x", 1400, true, OptionalInt.of(bridge.index())));
        assertThat(host.links().named("urv0").orElseThrow().kind()).isEqualTo("tun");
        assertThat(host.links().list()).extracting(Link::name).contains("lo", "veth8");
    }

    @Test
    void addressesAreAddedWithoutARouteOfTheirOwn() {
        int index = tun();
        host.links().addAddress(index, IpPrefix.parse("10.8.0.2/24"));
        host.links().addAddress(index, IpPrefix.parse("fd00:8::2/64"));

        assertThat(host.links().addresses())
                .contains(
                        new LinkAddress(index, IpPrefix.parse("10.8.0.2/24")),
                        new LinkAddress(index, IpPrefix.parse("fd00:8::2/64")));
        assertThat(Command.line("ip -4 addr show dev urv0"))
                .contains("inet 10.8.0.2/24")
                .contains("noprefixroute");
        assertThat(Command.line("ip -4 route show table main")).isEmpty();
        assertThat(Command.line("ip -6 route show table main")).doesNotContain("fd00:8::/64");
    }

    @Test
    void anAddressIsAddedOnceAndGoneOnce() {
        int index = tun();
        for (String text : new String[] {"10.8.0.2/24", "fd00:8::2/64"}) {
            IpPrefix address = IpPrefix.parse(text);
            host.links().addAddress(index, address);
            assertThatThrownBy(() -> host.links().addAddress(index, address))
                    .isInstanceOfSatisfying(
                            HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.EXISTS))
                    .hasMessageContaining("EEXIST")
                    .hasMessageContaining(text);
            assertThat(host.links().removeAddress(index, address)).isTrue();
            assertThat(host.links().removeAddress(index, address)).isFalse();
        }
        assertThat(host.links().removeAddress(4711, IpPrefix.parse("10.8.0.2/24")))
                .isFalse();
    }

    @Test
    void anAddressThatGoesTakesNoOtherOfItsNetworkAndNoRouteAlong() {
        int index = tun();
        host.links().configure(index, "urvpn:x", 1400, true);
        host.links().addAddress(index, IpPrefix.parse("10.8.0.2/24"));
        Command.line("ip route add 10.20.0.0/16 dev urv0 table 20000 proto 200");
        host.links().addAddress(index, IpPrefix.parse("10.8.0.3/24"));

        assertThat(host.links().removeAddress(index, IpPrefix.parse("10.8.0.2/24")))
                .isTrue();
        assertThat(host.links().addresses())
                .contains(new LinkAddress(index, IpPrefix.parse("10.8.0.3/24")))
                .doesNotContain(new LinkAddress(index, IpPrefix.parse("10.8.0.2/24")));
        assertThat(Command.line("ip -4 route show table 20000")).contains("10.20.0.0/16");
    }

    @Test
    void aForeignAddressOfTheLinkIsReadAndNotTaken() {
        int index = tun();
        Command.line("ip addr add 10.8.0.2/16 dev urv0");
        assertThat(host.links().addresses()).contains(new LinkAddress(index, IpPrefix.parse("10.8.0.2/16")));
        assertThat(host.links().removeAddress(index, IpPrefix.parse("10.8.0.2/24")))
                .isFalse();
        assertThat(Command.line("ip addr show dev urv0")).contains("10.8.0.2/16");
    }

    @Test
    void aLinkIsConfiguredAndRemoved() {
        int index = tun();
        host.links().configure(index, "urvpn:x", 1380, true);
        host.links().configure(index, "urvpn:x", 1380, true);

        Link link = host.links().named("urv0").orElseThrow();
        assertThat(link).isEqualTo(new Link(index, "urv0", "tun", "urvpn:x", 1380, true, OptionalInt.empty()));
        assertThat(Command.line("ip -d link show dev urv0"))
                .contains("alias urvpn:x")
                .contains("mtu 1380");

        assertThat(host.links().delete(index)).isTrue();
        assertThat(host.links().delete(index)).isFalse();
        assertThatThrownBy(() -> host.links().configure(index, "urvpn:x", 1380, true))
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.UNSUPPORTED));
    }

    private int tun() {
        Command.line("ip tuntap add dev urv0 mode tun");
        return host.links().named("urv0").orElseThrow().index();
    }
}
