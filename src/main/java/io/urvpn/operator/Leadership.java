package io.urvpn.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which operator acts. JOSDK's own exit is off: it would call {@code System.exit} from within a shutdown, which waits for
 * itself; and it leaves the Lease to expire, which costs a handover some 15 seconds, so it is released by hand.
 */
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final KubernetesClient client;
    private final String namespace;
    private final Optional<OperatorSettings.LeaderElection> election;
    private final Runnable whenLost;
    private volatile boolean leads;
    private volatile boolean resigning;

    Leadership(KubernetesClient client, OperatorSettings settings, Runnable whenLost) {
        this.client = client;
        this.namespace = settings.namespace();
        this.election = settings.leaderElection();
        this.whenLost = whenLost;
        this.leads = election.isEmpty();
    }

    Optional<LeaderElectionConfiguration> configuration() {
        return election.map(asked -> LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(asked.leaseName())
                .withLeaseNamespace(namespace)
                .withIdentity(asked.identity())
                .withLeaseDuration(asked.leaseDuration())
                .withRenewDeadline(asked.renewDeadline())
                .withRetryPeriod(asked.retryPeriod())
                .withExitOnStopLeading(false)
                .withLeaderCallbacks(new LeaderCallbacks(this::begin, this::lost, this::seen))
                .build());
    }

    boolean leads() {
        return leads;
    }

    private void begin() {
        leads = true;
        LOG.info("this operator acts from now on");
    }

    private void seen(String leader) {
        LOG.info("the acting operator is {}", leader);
    }

    private void lost() {
        boolean was = leads;
        leads = false;
        if (was && !resigning) {
            LOG.error("the leadership was lost; the process ends, as another operator may act now");
            whenLost.run();
        }
    }

    /** From here on the end of the leadership is meant. */
    void resigning() {
        resigning = true;
    }

    /** Hands the Lease over, so that the next operator need not wait for it to expire. */
    void release() {
        election.ifPresent(asked -> {
            String holder = "/spec/holderIdentity";
            // without a read, which a renewal that is still on its way would make stale
            List<Map<String, String>> patch = List.of(
                    Map.of("op", "test", "path", holder, "value", asked.identity()),
                    Map.of("op", "replace", "path", holder, "value", ""));
            try {
                client.leases()
                        .inNamespace(namespace)
                        .withName(asked.leaseName())
                        .patch(
                                PatchContext.of(PatchType.JSON),
                                client.getKubernetesSerialization().asJson(patch));
            } catch (KubernetesClientException e) {
                // 422: a test of the patch failed, so another one holds it
                if (e.getCode() != ApiWrites.UNPROCESSABLE && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    LOG.warn(
                            "could not release the Lease {}; it expires by itself: {}",
                            asked.leaseName(),
                            e.getMessage());
                }
            }
        });
    }
}
