package io.urvpn;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** {@code /q/health/live}: down where only a restart helps. */
@Liveness
@ApplicationScoped
class LivenessProbe implements HealthCheck {
    private final RunningMode running;

    LivenessProbe(RunningMode running) {
        this.running = running;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("live")
                .status(running.get().map(Mode::live).orElse(true))
                .build();
    }
}
