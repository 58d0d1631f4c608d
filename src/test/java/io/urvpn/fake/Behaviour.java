package io.urvpn.fake;

/** What runs on a {@link FakeHost} beside the agent: a launcher, a kubelet, somebody else's script. */
@FunctionalInterface
public interface Behaviour {
    /** Called after each change, on the thread that made it; may change the node further. */
    void after(FakeHost node, Change change);
}
