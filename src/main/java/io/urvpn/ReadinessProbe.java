package io.urvpn;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
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
        List<String> missing = running.get().map(Mode::notReady).orElse(List.of("starting"));
        HealthCheckResponseBuilder response = HealthCheckResponse.named("ready").status(missing.isEmpty());
        return missing.isEmpty()
                ? response.build()
                : response.withData("missing", String.join("; ", missing)).build();
    }
}
