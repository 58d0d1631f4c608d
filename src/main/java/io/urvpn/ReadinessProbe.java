package io.urvpn;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /q/health/ready}: up once the work is done, the informers included. */
@Readiness
@ApplicationScoped
class ReadinessProbe implements HealthCheck {
    private final RunningMode running;

    ReadinessProbe(RunningMode running) {
        this.running = running;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("ready")
                .status(running.get().map(Mode::ready).orElse(false))
                .build();
    }
}
