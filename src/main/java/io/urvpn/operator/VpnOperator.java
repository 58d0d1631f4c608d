package io.urvpn.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.urvpn.api.v1alpha1.Names;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.notify.EventRecorder;
import io.urvpn.notify.MqttLink;
import io.urvpn.notify.MqttSettings;
import io.urvpn.notify.RpcServer;
import io.urvpn.notify.metrics.Measurements;
import io.urvpn.notify.metrics.OperatorMetrics;
import io.urvpn.operator.OperatorSettings.LeaderElection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator as a whole: a plain graph of objects, made at construction, begun by {@link #start} and ended by
 * {@link #close}. The client is the caller's and stays open; it must have the serialization of the
 * kinds and repeat few requests by itself.
 */
public final class VpnOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VpnOperator.class);
    private static final long PAGE = 500;

    private final EventRoutes routes;
    private final ClusterCache cache;
    private final Parallel parallel;
    private final EventRecorder events;
    private final Operator operator;
    private final Leadership leadership;
    private final Optional<MqttLink> mqtt;
    private volatile boolean started;
    private volatile boolean closed;
    private volatile boolean watchEnded;

    /** The same, with metrics that nobody asks for. */
    public VpnOperator(KubernetesClient client, OperatorSettings settings, Clock clock, Runnable whenLeadershipIsLost) {
        this(client, settings, clock, whenLeadershipIsLost, new OperatorMetrics(new Measurements()));
    }

    /**
     * @param whenLeadershipIsLost ends the process at once: another operator may act from now on
     * @param metrics are told what happens and what is so
     */
    public VpnOperator(
            KubernetesClient client,
            OperatorSettings settings,
            Clock clock,
            Runnable whenLeadershipIsLost,
            OperatorMetrics metrics) {
        this.leadership = new Leadership(client, settings, whenLeadershipIsLost);
        this.parallel = new Parallel(settings.concurrency());
        this.routes = new EventRoutes();
        this.cache = new ClusterCache(client, settings.namespace(), new MeasuredChanges(metrics, routes));
        SilentNodes silent = new SilentNodes(cache, clock);
        routes.cache(cache, silent);
        metrics.of(new MeasuredCluster(cache, routes, this::leads));
        LiveReads live = new LiveReads(client, settings.namespace());
        ApiWrites writes = new ApiWrites(client);
        this.events = new EventRecorder(
                client, settings.leaderElection().map(LeaderElection::identity).orElse(Names.OPERATOR_MANAGER), clock);
        DetachDriver driver = new DetachDriver(cache, live, writes, parallel);
        this.mqtt = settings.mqtt().map(asked -> link(asked, live, writes, clock));
        Optional<CleanupMessages> messages =
                mqtt.map(link -> new CleanupMessages(settings.mqtt().orElseThrow(), link, cache, routes, clock));
        this.operator = new Operator(overrider -> {
            overrider
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .checkingCRDAndValidateLocalModel(false)
                    .withConcurrentReconciliationThreads(settings.concurrency())
                    .withReconciliationTerminationTimeout(Duration.ofSeconds(5))
                    .withStopOnInformerErrorDuringStartup(true)
                    .withInformerStoppedHandler((informer, failure) -> {
                        if (!closed) {
                            watchEnded = true;
                            LOG.error("the watch of {} has ended", informer.getApiTypeClass(), failure);
                        }
                    });
            leadership.configuration().ifPresent(overrider::withLeaderElectionConfiguration);
        });
        register(
                new VpnInstanceReconciler(
                        new InstanceLife(settings, cache, live, writes, driver, parallel, silent, events, clock),
                        new InstanceDeletion(settings, live, writes, routes, events, clock),
                        routes),
                new VpnCleanupReconciler(cache, live, writes, driver, parallel, routes, events, messages, clock),
                new VpnNodeReconciler(
                        new OrphanAnswers(settings, cache, routes, live, writes, events, clock),
                        new VanishedInstances(settings, cache, routes, live, writes, clock),
                        routes));
    }

    private MqttLink link(MqttSettings asked, LiveReads live, ApiWrites writes, Clock clock) {
        RpcServer.Calls calls = asked.rpc()
                .<RpcServer.Calls>map(rpc -> new MqttCalls(rpc, cache, routes, live, writes, clock))
                .orElse((request, identity) -> RpcServer.refusal("calls are off"));
        return new MqttLink(asked, leadership::leads, () -> CleanupMessages.connectionChanged(cache, routes), calls);
    }

    private void register(VpnInstanceReconciler instances, VpnCleanupReconciler cleanups, VpnNodeReconciler nodes) {
        operator.register(instances, overrider -> {
            common(overrider, "vpninstance");
            overrider.withFinalizer(Names.FINALIZER_CLEANUP).withOnUpdateFilter(VpnOperator::concernsUs);
        });
        operator.register(cleanups, overrider -> {
            common(overrider, "vpncleanup");
            // one that somebody deleted goes on until it is through
            overrider.withTriggerReconcilerOnAllEvents(true);
        });
        operator.register(nodes, overrider -> common(overrider, "vpnnode"));
    }

    private static void common(ControllerConfigurationOverrider<?> overrider, String name) {
        overrider
                .withName(name)
                .withFieldManager(Names.OPERATOR_MANAGER)
                .withGenerationAware(false)
                .withInformerListLimit(PAGE)
                .withRetry(Retries.forEver());
    }

    /** Everything but our own status writes. */
    private static boolean concernsUs(VpnInstance after, VpnInstance before) {
        return !Objects.equals(
                        after.getMetadata().getGeneration(),
                        before.getMetadata().getGeneration())
                || !Objects.equals(
                        after.getMetadata().getUid(), before.getMetadata().getUid())
                || !Objects.equals(
                        after.getMetadata().getAnnotations(),
                        before.getMetadata().getAnnotations())
                || !Objects.equals(
                        after.getMetadata().getFinalizers(),
                        before.getMetadata().getFinalizers())
                || after.isMarkedForDeletion() != before.isMarkedForDeletion();
    }

    /**
     * Reads the cluster, then reconciles, as soon as this process is the leader. Returns when everything was read once.
     *
     * @throws RuntimeException where the cluster cannot be read, as when the kinds are not installed
     */
    public void start() {
        cache.start();
        operator.start();
        routes.open();
        started = true;
        mqtt.ifPresent(MqttLink::start);
        LOG.info("the operator has read the cluster");
    }

    /** True where each watch is established; leadership is not needed. */
    public boolean ready() {
        return notReady().isEmpty();
    }

    /** What is not there yet or any more, for people. */
    public List<String> notReady() {
        List<String> missing = new ArrayList<>();
        if (!started) {
            missing.add("the cluster is being read");
            return missing;
        }
        cache.notWatching().forEach(kind -> missing.add("no watch of " + kind));
        operator.getRuntimeInfo()
                .unhealthyEventSources()
                // a healthy controller is in this map too, with no source
                .forEach((controller, sources) ->
                        sources.keySet().forEach(source -> missing.add(controller + ": " + source)));
        return missing;
    }

    /** False where only a restart helps. */
    public boolean live() {
        return !closed && !watchEnded;
    }

    /** True where this process acts. */
    public boolean leads() {
        return started && leadership.leads();
    }

    /** Ends what is under way, at most five seconds later, and hands the leadership over. */
    @Override
    public void close() {
        closed = true;
        leadership.resigning();
        operator.stop();
        events.close();
        mqtt.ifPresent(MqttLink::close);
        cache.close();
        parallel.close();
        leadership.release();
    }
}
