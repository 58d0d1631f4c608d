package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.api.v1alpha1.VpnCleanup;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Follows an operation to its end. Ctrl-C ends the view alone, and says how to look again.
 *
 * @param find reads the operation; empty where there is none yet
 * @param gone true where what is deleted is gone; empty where the operation alone is followed
 * @param progress shows it
 * @param again how to follow it once more
 */
record Following(
        Supplier<Optional<VpnCleanup>> find,
        Optional<BooleanSupplier> gone,
        Progress progress,
        Function<Optional<VpnCleanup>, String> again) {

    /** The exit code: of how it ended, or that the time ended first. */
    int toTheEnd(Duration timeout) throws InterruptedException {
        View view = new View();
        Thread interrupted = new Thread(
                () -> {
                    progress.close();
                    progress.say(again.apply(view.last));
                },
                "interrupted");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            if (!Waits.until(timeout, view::look)) {
                progress.say("Timed out. " + again.apply(view.last));
                return KubectlVpn.TIMED_OUT;
            }
            return view.exit.getAsInt();
        } finally {
            progress.close();
            forget(interrupted);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it runs already: the process is being ended, and the hook says so
        }
    }

    private final class View {
        private volatile Optional<VpnCleanup> last = Optional.empty();
        private OptionalInt exit = OptionalInt.empty();

        /** True at the end. An API server that is away for a moment ends nothing. */
        private boolean look() {
            try {
                boolean away = gone.map(BooleanSupplier::getAsBoolean).orElse(true);
                Optional<VpnCleanup> found = find.get();
                last = found;
                progress.show(found);
                Optional<Integer> code = found.flatMap(Operations::exit);
                if (code.isPresent() && (away || code.get() == KubectlVpn.FAILED)) {
                    exit = OptionalInt.of(code.get());
                } else if (found.isEmpty() && away && gone.isPresent()) {
                    progress.say("It is gone, and no VpnCleanup says what became of it on the nodes.");
                    exit = OptionalInt.of(KubectlVpn.FAILED);
                }
                return exit.isPresent();
            } catch (KubernetesClientException e) {
                if (e.getCode() != 0 && e.getCode() != 429 && e.getCode() < 500) {
                    throw e;
                }
                return false;
            }
        }
    }
}
