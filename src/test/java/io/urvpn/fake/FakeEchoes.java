package io.urvpn.fake;

import io.urvpn.api.v1alpha1.IpPrefix;
import io.urvpn.host.Echoes;
import java.util.Set;
import java.util.TreeSet;

/** Echoes in memory: the addresses that were told answer, at once. */
public final class FakeEchoes implements Echoes {
    private final FakeHost node;
    private final Set<String> answering = new TreeSet<>();

    FakeEchoes(FakeHost node) {
        this.node = node;
    }

    /** From now on that address answers what is asked by any interface, or does not any more. */
    public void answers(String address, boolean answers) {
        synchronized (node) {
            if (answers) {
                answering.add(address);
            } else {
                answering.remove(address);
            }
        }
    }

    @Override
    public Echo send(int ifindex, IpPrefix address) {
        node.acting("echo " + ifindex + " " + address.host());
        return new Echo() {
            @Override
            public boolean answered() {
                synchronized (node) {
                    return answering.contains(address.host());
                }
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }
}
