package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.HostException;
import io.urvpn.host.Xfrm;
import io.urvpn.host.XfrmMark;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmPolicy.Action;
import io.urvpn.host.XfrmPolicy.Direction;
import io.urvpn.host.XfrmPolicy.Ports;
import io.urvpn.host.XfrmPolicy.Selector;
import io.urvpn.host.XfrmPolicy.Template;
import io.urvpn.host.linux.LinuxHost;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies that ip(8) made. */
@ExtendWith(NetworkNamespace.class)
class XfrmPoliciesTest {
    private static final int CAP_NET_ADMIN = 12;
    private static final int TCP = 6;
    private static final int ESP = 50;
    private static final int TRANSPORT = 0;
    private static final int TUNNEL = 1;
    private static final String TEMPLATE = " tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 20000 mode tunnel";
    private static final String NETWORKS = "src 10.1.0.0/16 dst 10.2.0.0/16 ";

    private final Xfrm xfrm = new LinuxHost().xfrm();

    private static Selector selector(String source, String destination) {
        return new Selector(IpPrefix.parse(source), IpPrefix.parse(destination), 0, Ports.ANY, Ports.ANY);
    }

    private static XfrmPolicy ours(Direction direction) {
        return new XfrmPolicy(
                direction,
                selector("10.1.0.0/16", "10.2.0.0/16"),
                100,
                Action.ALLOW,
                0,
                Optional.empty(),
                List.of(new Template(IpPrefix.parse("192.0.2.1"), IpPrefix.parse("192.0.2.2"), ESP, 20000, TUNNEL)),
                "");
    }

    @Test
    void aNodeWithoutIpsecHasNone() {
        assertThat(xfrm.policies()).isEmpty();
    }

    @Test
    void policiesAreReadExactly() {
        Command.line("ip xfrm policy add " + NETWORKS + "proto tcp sport 1024 dport 80 dir out priority 4294967295"
                + " if_id 0xfffffff0 mark 0x87 mask 0xff" + TEMPLATE);
        Command.line("ip xfrm policy add src fd01::/64 dst fd02::1/128 dir in priority 7"
                + " tmpl proto comp reqid 5 mode transport level use tmpl proto esp reqid 4294967295 mode transport");
        Command.line("ip xfrm policy add " + NETWORKS + "dir fwd action block");
        Command.line("ip xfrm policy add " + NETWORKS + "dev lo dir out priority 9 ptype sub");
        Command.line("ip xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 proto icmp type 8 code 0 dir in priority 3");

        IpPrefix any6 = IpPrefix.parse("::");
        assertThat(xfrm.policies())
                .containsExactlyInAnyOrder(
                        new XfrmPolicy(
                                Direction.OUT,
                                new Selector(
                                        IpPrefix.parse("10.1.0.0/16"),
                                        IpPrefix.parse("10.2.0.0/16"),
                                        TCP,
                                        new Ports(1024, 0xffff),
                                        new Ports(80, 0xffff)),
                                4294967295L,
                                Action.ALLOW,
                                0xfffffff0L,
                                Optional.of(new XfrmMark(0x87, 0xff)),
                                ours(Direction.OUT).templates(),
                                ""),
                        new XfrmPolicy(
                                Direction.IN,
                                selector("fd01::/64", "fd02::1/128"),
                                7,
                                Action.ALLOW,
                                0,
                                Optional.empty(),
                                List.of(
                                        new Template(any6, any6, 108, 5, TRANSPORT),
                                        new Template(any6, any6, ESP, 4294967295L, TRANSPORT)),
                                ""),
                        new XfrmPolicy(
                                Direction.FWD,
                                selector("10.1.0.0/16", "10.2.0.0/16"),
                                0,
                                Action.BLOCK,
                                0,
                                Optional.empty(),
                                List.of(),
                                ""),
                        new XfrmPolicy(
                                Direction.OUT,
                                selector("10.1.0.0/16", "10.2.0.0/16"),
                                9,
                                Action.ALLOW,
                                0,
                                Optional.empty(),
                                List.of(),
                                "link 1 sub-policy 1"),
                        new XfrmPolicy(
                                Direction.IN,
                                new Selector(
                                        IpPrefix.parse("0.0.0.0/0"),
                                        IpPrefix.parse("0.0.0.0/0"),
                                        1,
                                        new Ports(8, 0xffff),
                                        new Ports(0, 0xffff)),
                                3,
                                Action.ALLOW,
                                0,
                                Optional.empty(),
                                List.of(),
                                ""));
    }

    /** Each differs from ours in one thing alone; two by two the kernel keeps them apart. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                NETWORKS + "dir out priority 100 if_id 9" + TEMPLATE,
                NETWORKS + "dir out priority 100 mark 1" + TEMPLATE,
                NETWORKS + "dir in priority 100" + TEMPLATE,
                NETWORKS + "dir fwd priority 100" + TEMPLATE,
                NETWORKS + "dir out priority 100 ptype sub" + TEMPLATE,
                NETWORKS + "dev lo dir out priority 100" + TEMPLATE,
                NETWORKS + "proto tcp dir out priority 100" + TEMPLATE,
                "src 10.1.0.0/16 dst 10.2.0.0/17 dir out priority 100" + TEMPLATE,
                "src 10.1.0.0/16 dst 10.2.0.0/17 dir out priority 100"
            })
    void oursIsRemovedAndALookAlikeStays(String other) {
        Command.line("ip xfrm policy add " + other);
        String before = Command.line("ip xfrm policy");
        Command.line("ip xfrm policy add " + NETWORKS + "dir out priority 100" + TEMPLATE);

        assertThat(xfrm.delete(ours(Direction.OUT))).isTrue();
        assertThat(xfrm.delete(ours(Direction.OUT))).isFalse();
        assertThat(Command.line("ip xfrm policy")).isEqualTo(before);

        XfrmPolicy look = xfrm.policies().getFirst();
        assertThat(xfrm.delete(look)).isTrue();
        assertThat(Command.line("ip xfrm policy")).isEmpty();
    }

    /** An update takes a policy over and keeps the kernel's index of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "priority 100 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 7 mode tunnel",
                "priority 99" + TEMPLATE,
                "priority 100 action block",
                "priority 100"
            })
    void whatSomebodyTookOverIsNotOursAnyMore(String foreign) {
        Command.line("ip xfrm policy add " + NETWORKS + "dir out priority 100" + TEMPLATE);
        assertThat(xfrm.policies()).containsExactly(ours(Direction.OUT));
        Command.line("ip xfrm policy update " + NETWORKS + "dir out " + foreign);
        String before = Command.line("ip xfrm policy");

        assertThat(xfrm.delete(ours(Direction.OUT))).isFalse();
        assertThat(Command.line("ip xfrm policy")).isEqualTo(before);
    }

    @Test
    void aPolicyOfASocketIsLeftOut() {
        int socket = Native.socketWithPolicy();
        try {
            assertThat(Command.line("ip xfrm policy")).contains("socket out");
            assertThat(xfrm.policies()).isEmpty();
        } finally {
            Native.close(socket);
        }
    }

    @Test
    void withoutTheRightItIsDeniedAndNotEmpty() {
        int namespace = Native.networkNamespace();
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            Native.enter(namespace);
            Native.dropCapabilities(CAP_NET_ADMIN);
            try {
                refused.completeExceptionally(new AssertionError("read " + xfrm.policies()));
            } catch (HostException e) {
                refused.complete(e);
            }
        });
        assertThat(refused.join())
                .isInstanceOfSatisfying(
                        HostException.class, e -> assertThat(e.kind()).isEqualTo(HostException.Kind.DENIED));
    }
}
