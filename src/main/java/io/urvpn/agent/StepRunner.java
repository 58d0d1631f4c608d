package io.urvpn.agent;

import io.urvpn.api.v1alpha1.CleanupPolicy;
import io.urvpn.api.v1alpha1.ComponentError;
import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.ComponentStatusBuilder;
import io.urvpn.api.v1alpha1.ErrorCodes;
import io.urvpn.host.HostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Runs a step within its time and turns whatever happens into the state of its component. */
final class StepRunner {
    private static final Logger LOG = Logger.getLogger(StepRunner.class);
    private static final int DEFAULT_TIMEOUT_SECONDS = 60;

    private final Clock clock;
    private final Duration showAfter;

    StepRunner(Clock clock, Duration showAfter) {
        this.clock = clock;
        this.showAfter = showAfter;
    }

    /**
     * Runs a step.
     *
     * @param before state of the component so far
     * @param slow told of the running component where it takes long
     * @return its state afterwards: COMPLETED or FAILED
     */
    ComponentStatus run(Step step, Step.Work work, ComponentStatus before, Consumer<ComponentStatus> slow)
            throws InterruptedException {
        Instant startedAt = now();
        ComponentStatus running = ComponentStatusBuilder.builder()
                .component(step.component())
                .status(ComponentState.IN_PROGRESS)
                .startedAt(startedAt)
                .attempt((before.attempt() == null ? 0 : before.attempt()) + 1)
                .build();
        FutureTask<Step.Result> task = new FutureTask<>(() -> step.run(work));
        // a step that hangs in the kernel cannot be interrupted; it keeps its thread, and the next step gets another
        Thread.ofPlatform().daemon().name("step").start(task);
        Step.Result result = result(step, task, timeout(work.policy()), () -> slow.accept(running));
        Instant completedAt = now();
        result.error()
                .ifPresent(error -> LOG.warnf("%s failed: %s: %s", step.component(), error.code(), error.message()));
        return ComponentStatusBuilder.builder(running)
                .status(result.error().isEmpty() ? ComponentState.COMPLETED : ComponentState.FAILED)
                .completedAt(completedAt)
                .durationMillis(Duration.between(startedAt, completedAt).toMillis())
                .error(result.error().orElse(null))
                .evidence(result.evidence())
                .build();
    }

    private Step.Result result(Step step, FutureTask<Step.Result> task, Duration timeout, Runnable slow)
            throws InterruptedException {
        try {
            if (showAfter.compareTo(timeout) < 0) {
                try {
                    return task.get(showAfter.toNanos(), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    slow.run();
                }
                return task.get(timeout.minus(showAfter).toNanos(), TimeUnit.NANOSECONDS);
            }
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            return failed(ErrorCodes.TIMED_OUT, step.component() + " did not end within " + timeout.toSeconds() + " s");
        } catch (ExecutionException e) {
            return failed(e.getCause());
        }
    }

    private static Step.Result failed(Throwable cause) {
        if (!(cause instanceof HostException refused)) {
            LOG.error("a step failed unexpectedly", cause);
            return failed(ErrorCodes.KERNEL_REFUSED, cause.toString());
        }
        String code = switch (refused.kind()) {
            case DENIED -> ErrorCodes.UNREADABLE;
            case TOOL -> ErrorCodes.TOOL_FAILED;
            case EXISTS, UNSUPPORTED, OTHER -> ErrorCodes.KERNEL_REFUSED;
        };
        return failed(code, refused.getMessage());
    }

    private static Step.Result failed(String code, String message) {
        return new Step.Result(null, Optional.of(new ComponentError(code, Words.cut(message, 1024))));
    }

    private static Duration timeout(CleanupPolicy policy) {
        return Duration.ofSeconds(
                policy == null || policy.timeoutSeconds() == null ? DEFAULT_TIMEOUT_SECONDS : policy.timeoutSeconds());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
