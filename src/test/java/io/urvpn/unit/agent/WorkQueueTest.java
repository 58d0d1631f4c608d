package io.urvpn.unit.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.agent.WorkQueue;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void aKeyIsWorkedOnByOneThreadAndOnceMoreWhenItWasAskedForMeanwhile() {
        CountDownLatch release = new CountDownLatch(1);
        try (WorkQueue queue = new WorkQueue(4, timer, key -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            release.await();
            runs.incrementAndGet();
            atOnce.decrementAndGet();
            return Optional.empty();
        })) {
            queue.add("a");
            await().until(() -> atOnce.get() == 1);
            for (int i = 0; i < 10; i++) {
                queue.add("a");
            }
            release.countDown();
            await().until(() -> runs.get() == 2);
            await().during(Duration.ofMillis(100)).until(() -> runs.get() == 2);
            assertThat(mostAtOnce.get()).isEqualTo(1);
        }
    }

    @Test
    void aSlowKeyHoldsNoOtherUp() {
        CountDownLatch never = new CountDownLatch(1);
        try (WorkQueue queue = new WorkQueue(2, timer, key -> {
            if (key.equals("slow")) {
                never.await();
            }
            runs.incrementAndGet();
            return Optional.empty();
        })) {
            queue.add("slow");
            queue.add("quick");
            await().until(() -> runs.get() == 1);
        }
    }

    @Test
    void whatIsDueLaterRunsLaterAndOnlyOnce() {
        try (WorkQueue queue = new WorkQueue(
                2, timer, key -> runs.incrementAndGet() == 1 ? Optional.of(Duration.ofMillis(50)) : Optional.empty())) {
            queue.add("a");
            await().until(() -> runs.get() == 2);
            await().during(Duration.ofMillis(150)).until(() -> runs.get() == 2);
        }
    }
}
