package io.urvpn.cli;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The thread that waits for the network, one for all clients of the process. It is ended before the process: the JVM's end waits
 * 300 ms for a thread that is in the kernel (HotSpot, {@code VM_Exit::wait_for_threads_in_native_to_block}).
 */
final class EventLoop {
    private static final int PATIENCE_SECONDS = 2;

    private static Vertx vertx;

    private EventLoop() {}

    /** Starts it, the first time. */
    static synchronized Vertx started() {
        if (vertx == null) {
            // names are looked up as everything else on this machine does it
            System.setProperty("vertx.disableDnsResolver", "true");
            vertx = Vertx.vertx(new VertxOptions()
                    .setUseDaemonThread(true)
                    .setEventLoopPoolSize(1)
                    .setFileSystemOptions(
                            new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        }
        return vertx;
    }

    /** Ends it, where it was started. */
    static synchronized void end() {
        if (vertx == null) {
            return;
        }
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // the process ends all the same, later
            return;
        } finally {
            vertx = null;
        }
    }
}
