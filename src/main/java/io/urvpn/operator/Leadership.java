package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.net.HttpURLConnection;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which operator acts. JOSDK's own exit is off: it would call {@code System.exit} from within a shutdown, which waits for
 * itself; and it leaves the Lease to expire, which costs a handover some 15 seconds, so it is released by hand.
 */
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    /** A renewal that was on its way as the leadership ended can come between reading the Lease and writing it. */
    private static final int RELEASE_ATTEMPTS = 5;

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
            KubernetesClientException last = null;
            for (int attempt = 0; attempt < RELEASE_ATTEMPTS; attempt++) {
                try {
                    release(asked);
                    return;
                } catch (KubernetesClientException e) {
                    last = e;
                    if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                        break;
                    }
                }
            }
            LOG.warn("could not release the Lease {}; it expires by itself: {}", asked.leaseName(), last.getMessage());
        });
    }

    private void release(OperatorSettings.LeaderElection asked) {
        Lease lease = client.leases()
                .inNamespace(namespace)
                .withName(asked.leaseName())
                .get();
        if (lease == null || !asked.identity().equals(lease.getSpec().getHolderIdentity())) {
            return;
        }
        lease.getSpec().setHolderIdentity("");
        client.resource(lease)
                .lockResourceVersion(lease.getMetadata().getResourceVersion())
                .update();
    }
}
