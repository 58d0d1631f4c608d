package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Ten echo requests a second from a node to the peer, through a tunnel, until they are ended. */
final class Pings {
    private static final Pattern SEQUENCE = Pattern.compile("icmp_seq=(\\d+) ");
    private static final Pattern SENT = Pattern.compile("(\\d+) packets transmitted");

    private final String node;
    private final Instant began = Instant.now();
    private final FutureTask<Cluster.Result> task;

    private Pings(String node, String address) {
        this.node = node;
        this.task = new FutureTask<>(() -> CLUSTER.tryOn(node, "", "ping", "-i", "0.1", address));
        Thread.ofPlatform().daemon().start(task);
    }

    static Pings from(String node) {
        return from(node, "10.200.0.1");
    }

    static Pings from(String node, String address) {
        return new Pings(node, address);
    }

    /** Ends them; each was answered, but for the one that may be on its way at the end. */
    void lostNone() throws InterruptedException, ExecutionException {
        long seconds = Duration.between(began, Instant.now()).toSeconds();
        CLUSTER.on(node, "pkill", "-INT", "-x", "ping");
        String out = task.get().out();
        List<Integer> answered = SEQUENCE.matcher(out)
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
        int sent = SENT.matcher(out)
                .results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .sum();
        System.out.printf("e2e: %d of %d pings in %d s from %s answered%n", answered.size(), sent, seconds, node);
        assertThat(answered)
                .as("what was answered of %d requests from %s", sent, node)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, answered.size()).boxed().toList())
                .hasSizeBetween(sent - 1, sent);
        assertThat((long) sent).as("requests in %d s", seconds).isGreaterThan(seconds * 8);
    }
}
