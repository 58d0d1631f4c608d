package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** What leaves a node by its own link for some networks, seen from outside of the node. */
record Recorder(String node) {

    /** From now on. */
    static Recorder on(String node, String... networks) {
        CLUSTER.script(
                Stream.concat(Stream.of("record", node), Stream.of(networks)).toArray(String[]::new));
        return new Recorder(node);
    }

    /** When each packet was seen. */
    List<Instant> packets() {
        return CLUSTER.script("recorded", node)
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> Instant.ofEpochMilli(Long.parseLong(line.split(" ")[0])))
                .toList();
    }
}
