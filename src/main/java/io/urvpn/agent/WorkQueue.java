package io.urvpn.agent;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Work by key: one key is worked on by one thread at a time, and once more when it was asked for meanwhile. */
public final class WorkQueue implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(WorkQueue.class);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    /** What is done for a key; says after how long it is to be done again, if at all. */
    public interface Work {
        /** Does it once. */
        Optional<Duration> on(String key) throws InterruptedException;
    }

    private enum State {
        QUEUED,
        RUNNING,
        AGAIN
    }

    private final Work work;
    private final ScheduledExecutorService timer;
    private final ThreadPoolExecutor pool;
    private final Map<String, State> states = new HashMap<>();
    private final Map<String, ScheduledFuture<?>> due = new HashMap<>();

    /**
     * A queue.
     *
     * @param threads at most so many keys are worked on at once; idle threads end
     * @param timer for what is due later
     */
    public WorkQueue(int threads, ScheduledExecutorService timer, Work work) {
        this.work = work;
        this.timer = timer;
        this.pool = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("attachment-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
    }

    /** Asks for a key to be worked on now. */
    public synchronized void add(String key) {
        if (pool.isShutdown()) {
            return;
        }
        switch (states.get(key)) {
            case null -> {
                states.put(key, State.QUEUED);
                pool.execute(() -> run(key));
            }
            case RUNNING -> states.put(key, State.AGAIN);
            case QUEUED, AGAIN -> {}
        }
    }

    private void run(String key) {
        synchronized (this) {
            states.put(key, State.RUNNING);
            cancel(key);
        }
        Optional<Duration> next = Optional.of(AFTER_FAILURE);
        try {
            next = work.on(key);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "%s: tried again in %d s", key, AFTER_FAILURE.toSeconds());
        } finally {
            finished(key, next);
        }
    }

    private synchronized void finished(String key, Optional<Duration> next) {
        boolean again = states.remove(key) == State.AGAIN;
        if (pool.isShutdown()) {
            return;
        }
        if (again) {
            add(key);
        } else {
            next.ifPresent(delay -> {
                cancel(key);
                due.put(key, timer.schedule(() -> add(key), delay.toMillis(), TimeUnit.MILLISECONDS));
            });
        }
    }

    private void cancel(String key) {
        ScheduledFuture<?> future = due.remove(key);
        if (future != null) {
            future.cancel(false);
        }
    }

    /** Interrupts what runs and takes nothing more; waits for nothing. */
    @Override
    public synchronized void close() {
        pool.shutdownNow();
        due.values().forEach(future -> future.cancel(false));
    }
}
