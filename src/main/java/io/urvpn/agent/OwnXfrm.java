package io.urvpn.agent;

import io.urvpn.host.HostException;
import io.urvpn.host.Xfrm;
import io.urvpn.host.XfrmPolicy;
import io.urvpn.host.XfrmState;
import java.util.List;

/** What the kernel's IPsec has of one instance. */
final class OwnXfrm {
    private final Xfrm xfrm;
    private final Marks marks;

    OwnXfrm(Xfrm xfrm, Marks marks) {
        this.xfrm = xfrm;
        this.marks = marks;
    }

    List<XfrmPolicy> policies() {
        return xfrm.policies().stream().filter(marks::owns).toList();
    }

    /** Those that only hold a place for a daemon's answer are among them: they go by themselves, but are there until then. */
    List<XfrmState> states() {
        return xfrm.states().stream().filter(marks::owns).toList();
    }

    /** Policies first, so that the kernel asks nobody for the states that go then; returns how many were removed. */
    int remove(List<String> details, List<String> refused) {
        int removed = 0;
        try {
            for (XfrmPolicy policy : policies()) {
                removed += removed(() -> xfrm.delete(policy), Words.of(policy), details, refused);
            }
            for (XfrmState state : states()) {
                if (state.placeholder()) {
                    details.add(Words.of(state) + " goes by itself within 30 s");
                } else {
                    removed += removed(() -> xfrm.delete(state), Words.of(state), details, refused);
                }
            }
        } catch (HostException e) {
            refused.add(e.getMessage());
        }
        return removed;
    }

    private interface Delete {
        boolean run();
    }

    private static int removed(Delete delete, String what, List<String> details, List<String> refused) {
        try {
            if (delete.run()) {
                details.add("removed " + what);
                return 1;
            }
        } catch (HostException e) {
            refused.add(what + ": " + e.getMessage());
        }
        return 0;
    }
}
