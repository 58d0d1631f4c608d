package io.urvpn.fake;

import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes.Signal;
import java.nio.file.Path;

/** Something that has happened on a {@link FakeHost}; what a {@link Behaviour} answers to. */
public sealed interface Change {
    /** A file was written. */
    record Written(Path path) implements Change {}

    /** A file, directory or socket was removed. */
    record Deleted(Path path) implements Change {}

    /** A signal reached a process; what it does by itself has been done already. */
    record Signalled(NodeProcess process, Signal signal) implements Change {}

    /** A process is gone, and the tun device that it held with it. */
    record Ended(NodeProcess process) implements Change {}

    /** Links, addresses, routes or rules are no longer what they were. */
    record Network() implements Change {}
}
