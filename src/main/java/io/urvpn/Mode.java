package io.urvpn;

import java.util.List;

/** What the process does: run the operator, or the agent of one node. */
interface Mode extends AutoCloseable {
    /** Starts; returns once its threads run. */
    void start();

    /** False where only a restart helps. */
    boolean live();

    /** What keeps it from its work, for people; empty where it is ready. Covers the informers. */
    List<String> notReady();

    /** Ends its threads and lets go what it holds for others, the leader's Lease for one. Cleans nothing. */
    @Override
    void close();
}
