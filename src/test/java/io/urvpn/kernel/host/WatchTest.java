package io.urvpn.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.host.Host;
import io.urvpn.host.linux.LinuxHost;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NetworkNamespace.class)
class WatchTest {
    private final Host host = new LinuxHost();
    private final AtomicInteger changes = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "link set urv0 mtu 1300",
                "link del urv0",
                "addr add 10.9.0.1/24 dev urv0",
                "addr add fd09::1/64 dev urv0",
                "route add 10.9.0.0/16 dev urv0 table 20000",
                "route add fd09::/32 dev urv0 table 20000",
                "route del 10.8.0.0/16 table 20000",
                "rule add from 10.9.0.0/16 lookup 20000",
                "-6 rule add from fd09::/32 lookup 20000",
                "rule del from 10.8.0.0/16 lookup 20000"
            })
    void aChangeIsTold(String change) {
        Command.line("ip tuntap add dev urv0 mode tun");
        Command.line("ip link set urv0 up");
        Command.line("ip route add 10.8.0.0/16 dev urv0 table 20000");
        Command.line("ip rule add from 10.8.0.0/16 lookup 20000");
        try (Host.Watch _ = host.watch(changes::incrementAndGet)) {
            Command.line("ip " + change);
            await().atMost(Duration.ofSeconds(5)).until(() -> changes.get() > 0);
        }
    }

    /** More changes than the queue holds, while the callback does not return: it is told all the same, and goes on. */
    @Test
    void anOverrunOfTheQueueIsAChange() throws InterruptedException {
        Command.line("ip tuntap add dev urv0 mode tun");
        Command.line("ip link set urv0 up");
        Object gate = new Object();
        try (Host.Watch _ = host.watch(() -> {
            changes.incrementAndGet();
            synchronized (gate) {
                // Waits as long as the test holds it.
            }
        })) {
            synchronized (gate) {
                Command.ipBatch(IntStream.range(0, 3000)
                        .mapToObj(i -> "route add 10." + i / 250 + "." + i % 250 + ".0/24 dev urv0 table 20000\n")
                        .collect(Collectors.joining()));
            }
            await().atMost(Duration.ofSeconds(5)).until(() -> changes.get() > 1);
            int sofar = settled();
            Command.line("ip rule add from 10.9.0.0/16 lookup 20000");
            await().atMost(Duration.ofSeconds(5)).until(() -> changes.get() > sofar);
        }
    }

    private int settled() {
        int[] last = {-1};
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            boolean same = last[0] == changes.get();
            last[0] = changes.get();
            return same;
        });
        return last[0];
    }

    @Test
    void nothingIsToldAfterItIsClosedAndItsThreadIsGone() {
        Host.Watch watch = host.watch(changes::incrementAndGet);
        watch.close();
        watch.close();
        int before = changes.get();
        Command.line("ip tuntap add dev urv0 mode tun");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("netlink-watch"));
        assertThat(changes).hasValue(before);
    }

    @Test
    void aCallBackThatFailsEndsNothing() {
        try (Host.Watch _ = host.watch(() -> {
            changes.incrementAndGet();
            throw new IllegalStateException("a failure that the test makes");
        })) {
            Command.line("ip tuntap add dev urv0 mode tun");
            await().atMost(Duration.ofSeconds(5)).until(() -> changes.get() > 0);
            int before = settled();
            Command.line("ip link del urv0");
            await().atMost(Duration.ofSeconds(5)).until(() -> changes.get() > before);
        }
    }
}
