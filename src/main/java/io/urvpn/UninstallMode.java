package io.urvpn;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnInstance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Deletes every VpnInstance and waits until the operator has let each go and no attachment, which is a debt, is left. It
 * cleans nothing itself, so it can end at any time and be begun again.
 */
public final class UninstallMode {
    private static final Logger LOG = Logger.getLogger(UninstallMode.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final int NAMED = 10;

    private final KubernetesClient client;
    private final Duration timeout;
    private final Clock clock;

    public UninstallMode(KubernetesClient client, Duration timeout, Clock clock) {
        this.client = client;
        this.timeout = timeout;
        this.clock = clock;
    }

    /**
     * Runs until nothing is left or the time is over.
     *
     * @return what is still open, for people; empty where all is gone
     */
    public List<String> run() throws InterruptedException {
        Instant end = clock.instant().plus(timeout);
        List<String> told = List.of();
        while (true) {
            List<VpnInstance> instances =
                    client.resources(VpnInstance.class).list().getItems();
            instances.stream()
                    .filter(instance -> !instance.isMarkedForDeletion())
                    .forEach(instance -> client.resource(instance).delete());
            List<String> open = new ArrayList<>(names("VpnInstance", instances));
            open.addAll(names(
                    "VpnAttachment",
                    client.resources(VpnAttachment.class).list().getItems()));
            if (!open.equals(told)) {
                LOG.infof("%d objects are still open%s", open.size(), open.isEmpty() ? "" : ": " + first(open));
                told = open;
            }
            if (open.isEmpty() || !clock.instant().isBefore(end)) {
                return open;
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private static List<String> names(String kind, List<? extends HasMetadata> objects) {
        return objects.stream()
                .map(object -> kind + " " + object.getMetadata().getName())
                .toList();
    }

    /** The first of them, in one line. */
    static String first(List<String> open) {
        return open.stream().limit(NAMED).collect(Collectors.joining(", "))
                + (open.size() > NAMED ? " and " + (open.size() - NAMED) + " more" : "");
    }
}
