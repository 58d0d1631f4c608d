package io.urvpn.operator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Runs the writes of one pass side by side, so that a node does not wait for the others. */
final class Parallel implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places;

    /** @param width how many run at the same time, over all passes */
    Parallel(int width) {
        this.places = new Semaphore(width);
    }

    /**
     * Does it for each and returns when all are done.
     *
     * @throws RuntimeException the first that was thrown, with the others suppressed; each was tried
     */
    <T> void each(Collection<T> items, Consumer<T> action) {
        if (items.size() == 1) {
            action.accept(items.iterator().next());
            return;
        }
        List<Future<?>> running = new ArrayList<>();
        for (T item : items) {
            running.add(threads.submit(() -> {
                places.acquire();
                try {
                    action.accept(item);
                    return null;
                } finally {
                    places.release();
                }
            }));
        }
        join(running);
    }

    private static void join(List<Future<?>> running) {
        RuntimeException first = null;
        for (Future<?> future : running) {
            try {
                future.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while writing", e);
            } catch (ExecutionException e) {
                RuntimeException failure = e.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException(e.getCause());
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
