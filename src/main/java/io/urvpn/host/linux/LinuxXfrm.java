package io.urvpn.host.linux;

import io.urvpn.host.HostException;
import io.urvpn.host.Xfrm;
import io.urvpn.host.XfrmMark;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmState;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** IPsec's policies and states over netlink. */
public final class LinuxXfrm implements Xfrm {
    private static final XfrmMark NO_MARK = new XfrmMark(0, 0);

    private final Netlink netlink;

    /** Over a conversation of NETLINK_XFRM. */
    public LinuxXfrm(Netlink netlink) {
        this.netlink = netlink;
    }

    /** A policy, and how the kernel says it. */
    private record Standing(XfrmPolicy policy, NetlinkMessage message) {}

    @Override
    public List<XfrmPolicy> policies() {
        return standing().stream().map(Standing::policy).toList();
    }

    private List<Standing> standing() {
        return unlessThereIsNoXfrm(() ->
                netlink.dump("XFRM policies", XfrmMessages.dumpPolicies(), XfrmMessages.POLICY_GROUP).stream()
                        .flatMap(message ->
                                XfrmMessages.policy(message).map(policy -> new Standing(policy, message)).stream())
                        .toList());
    }

    @Override
    public List<XfrmState> states() {
        return unlessThereIsNoXfrm(() ->
                netlink.read("XFRM states", XfrmMessages.dumpStates(), XfrmMessages.STATE_GROUP, XfrmMessages::state));
    }

    /** What came into a kernel came by this protocol: one without it has nothing. Another refusal is not taken for that. */
    private static <T> List<T> unlessThereIsNoXfrm(Supplier<List<T>> dump) {
        try {
            return dump.get();
        } catch (HostException e) {
            if (e.getCause() instanceof ErrnoException errno && errno.errno() == Errno.EPROTONOSUPPORT) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public boolean delete(XfrmPolicy policy) {
        Optional<Standing> target =
                standing().stream().filter(each -> each.policy().equals(policy)).findFirst();
        return target.isPresent() && change(XfrmMessages.delete(target.get().message()), Errno.ENOENT, text(policy));
    }

    /**
     * The kernel looks a state up by destination, SPI, protocol and the value of a mark, and takes the first whose own mark is
     * met. A state without a mark is met by any value.
     */
    @Override
    public boolean delete(XfrmState state) {
        List<XfrmState> all = states();
        if (all.stream().noneMatch(state::same)) {
            return false;
        }
        if (state.placeholder()) {
            throw new HostException(
                    HostException.Kind.UNSUPPORTED,
                    "delete " + text(state) + ": it has no SPI to be found by; the kernel ends it by itself");
        }
        if (all.stream().anyMatch(other -> !other.same(state) && takenFor(other, state))) {
            throw new HostException(
                    HostException.Kind.EXISTS,
                    "delete " + text(state) + ": the kernel could take another state of the same SPI for it");
        }
        return change(XfrmMessages.delete(state), Errno.ESRCH, text(state));
    }

    private static boolean takenFor(XfrmState other, XfrmState asked) {
        XfrmMark mark = asked.mark().orElse(NO_MARK);
        XfrmMark its = other.mark().orElse(NO_MARK);
        return other.destination().equals(asked.destination())
                && other.spi() == asked.spi()
                && other.protocol() == asked.protocol()
                && (mark.value() & mark.mask() & its.mask()) == its.value();
    }

    private boolean change(NetlinkRequest request, int absent, String what) {
        try {
            netlink.change(request);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == absent) {
                return false;
            }
            throw Errno.refusal("delete " + what, e);
        }
    }

    private static String text(XfrmPolicy policy) {
        return "XFRM policy " + policy.direction() + " " + policy.selector().source() + " to "
                + policy.selector().destination() + " priority " + policy.priority();
    }

    private static String text(XfrmState state) {
        return "XFRM state " + state.source().host() + " to "
                + state.destination().host() + " protocol " + state.protocol() + " SPI 0x"
                + Long.toHexString(state.spi()) + " reqid " + state.reqid();
    }
}
