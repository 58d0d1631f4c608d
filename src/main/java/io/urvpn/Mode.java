package io.urvpn;

/** What the process does: run the operator, or the agent of one node. */
interface Mode extends AutoCloseable {
    /** Starts; returns once its threads run. */
    void start();

    /** False where only a restart helps. */
    boolean live();

    /** True where it does its work; covers the informers. */
    boolean ready();

    /** Ends its threads and lets go what it holds for others, the leader's Lease for one. Cleans nothing. */
    @Override
    void close();
}
