package io.urvpn.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnAttachmentStatus;
import io.urvpn.api.v1alpha1.VpnNodeStatus.Sweep;
import io.urvpn.host.Host;
import java.net.InetSocketAddress;
import java.net.URL;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * The agent of a node. It follows the attachments of its node, works on each by its loop, and looks again at all of them
 * when the kernel says that something changed. Stopping it cleans nothing.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Agent.class);
    private static final int THREADS = 8;
    private static final Duration NOT_YET = Duration.ofMillis(50);
    private static final Duration LOCK_RETRY = Duration.ofSeconds(1);
    private static final Duration PUBLISH_RETRY = Duration.ofSeconds(5);
    private static final Duration PUBLISH_AGAIN = Duration.ofMinutes(1);
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    /** By then what had cut the node off was taken back. */
    private static final Duration AFTER_A_CUT = Duration.ofSeconds(1);

    private static final Duration DEAD = Duration.ofSeconds(60);
    /** Between two looks that notifications cause, so that a busy node is not looked at all the time. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private final KubernetesClient client;
    private final Host host;
    private final AgentSettings settings;
    private final Clock clock;
    private final ScheduledExecutorService timer;
    private final WorkQueue queue;
    private final Map<String, AttachmentLoop> loops = new ConcurrentHashMap<>();
    private final AtomicBoolean lookPlanned = new AtomicBoolean();
    private volatile long lookedAt = System.nanoTime() - BETWEEN_LOOKS.toNanos();
    private volatile long beatAt = System.nanoTime();
    private volatile boolean published;
    private volatile Running running;
    /** Used by one sweep at a time. */
    private volatile Sweeper sweeper;

    private volatile Optional<Sweep> lastSweep = Optional.empty();
    private final SweepObserver sweepObserver;

    private boolean locked;
    private boolean waitingTold;

    /** What there is once the lock is held. */
    private record Running(
            NodeContext node,
            Reporter reporter,
            NodePublisher publisher,
            SharedIndexInformer<VpnAttachment> informer,
            Host.Watch watch) {}

    /**
     * An agent; it does nothing before {@link #start}.
     *
     * @param client a client with the serialization of the kinds
     */
    public Agent(KubernetesClient client, Host host, AgentSettings settings, Clock clock) {
        this(client, host, settings, clock, (took, seen) -> {});
    }

    /** The same; {@code sweepObserver} is told of each run of the sweep. */
    public Agent(KubernetesClient client, Host host, AgentSettings settings, Clock clock, SweepObserver sweepObserver) {
        this.sweepObserver = sweepObserver;
        this.client = client;
        this.host = host;
        this.settings = settings;
        this.clock = clock;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("agent").factory());
        this.queue = new WorkQueue(THREADS, timer, this::work);
    }

    /** Starts; returns at once. Another agent on this node is waited for. */
    public void start() {
        timer.execute(this::open);
        timer.scheduleWithFixedDelay(() -> beatAt = System.nanoTime(), 0, HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** True where the lock is held, the attachments are known and the VpnNode says who answers here. */
    public boolean ready() {
        Running now = running;
        return now != null && now.informer().hasSynced() && published;
    }

    /** False where the agent hangs; its restart cleans nothing. */
    public boolean live() {
        Running now = running;
        boolean beats = System.nanoTime() - beatAt < DEAD.toNanos();
        return beats && (now == null || !informerEnded(now));
    }

    /** An informer that gave up follows nothing any more, and cannot be started again. */
    private static boolean informerEnded(Running now) {
        return now.informer().stopped().toCompletableFuture().isDone();
    }

    /** Each attachment that exists here, with its newest status, whether that was written or not. */
    public void attachments(BiConsumer<VpnAttachment, VpnAttachmentStatus> each) {
        Running now = running;
        if (now != null) {
            now.informer()
                    .getStore()
                    .list()
                    .forEach(attachment ->
                            now.reporter().told(attachment).ifPresent(status -> each.accept(attachment, status)));
        }
    }

    /** What the last sweep saw; empty before the first. */
    public Optional<Sweep> lastSweep() {
        return lastSweep;
    }

    /** Ends the agent quickly; everything on the node stays as it is. */
    @Override
    public void close() {
        queue.close();
        timer.shutdownNow();
        Running now = running;
        if (now != null) {
            now.watch().close();
            now.informer().stop();
            now.reporter().close();
        }
    }

    private void open() {
        try {
            locked = locked || host.files().lock(settings.stateDirectory().resolve("registry.lock"));
            if (locked) {
                running = open(identity());
                publish();
                return;
            }
            if (!waitingTold) {
                LOG.infof("another agent works on this node (it holds %s); waiting", settings.stateDirectory());
                waitingTold = true;
            }
        } catch (RuntimeException e) {
            LOG.errorf(e, "cannot start; trying again in %d s", LOCK_RETRY.toSeconds());
        }
        later(this::open, LOCK_RETRY);
    }

    private NodeIdentity identity() {
        Instant startedAt = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        return new NodeIdentity(
                MachineKey.of(host.files(), settings.stateDirectory()),
                host.machine().bootId(),
                startedAt);
    }

    private Running open(NodeIdentity identity) {
        // what may fail goes first: a try that fails leaves no thread behind
        Registry registry = new Registry(host.files(), settings.stateDirectory());
        NodePublisher publisher = new NodePublisher(client, settings, identity, host);
        Host.Watch watch = host.watch(this::changed);
        Reporter reporter = new Reporter(
                new ApplyingStatusWriter(client), clock, settings.timing().counterInterval(), queue::add);
        NodeContext node = new NodeContext(
                host,
                registry,
                new Registration(host, registry, settings, identity),
                settings,
                identity,
                new ApiReach(
                        host.machine(), this::apiServer, settings.timing(), () -> later(this::followAnew, AFTER_A_CUT)),
                reporter,
                clock);
        later(this::sweep, NOT_YET);
        return new Running(node, reporter, publisher, follow(), watch);
    }

    private SharedIndexInformer<VpnAttachment> follow() {
        SharedIndexInformer<VpnAttachment> informer = client.resources(VpnAttachment.class)
                .withField("spec.nodeName", settings.nodeName())
                .runnableInformer(0);
        informer.addEventHandler(new Events());
        informer.exceptionHandler((started, error) -> {
            LOG.warnf("following the attachments: %s", error.getMessage());
            return true;
        });
        informer.start();
        return informer;
    }

    /**
     * While the node was cut off the API server may have given the watch up, and its word of that was lost: the connection
     * would stay open on this side, and silent, until the client takes it for dead.
     */
    private void followAnew() {
        Running before = running;
        if (before != null) {
            before.informer().stop();
            running = new Running(before.node(), before.reporter(), before.publisher(), follow(), before.watch());
        }
    }

    private InetSocketAddress apiServer() {
        URL master = client.getMasterUrl();
        return new InetSocketAddress(
                master.getHost(), master.getPort() > 0 ? master.getPort() : master.getDefaultPort());
    }

    /** On a thread of its own: the API may be slow, and the timer must not be. */
    private void publish() {
        Thread.ofPlatform().daemon().name("node").start(() -> {
            published = running.publisher().publish() || published;
            later(this::publish, published ? PUBLISH_AGAIN : PUBLISH_RETRY);
        });
    }

    /** The kernel says that something changed; a burst of it is one look. */
    private void changed() {
        if (lookPlanned.compareAndSet(false, true)) {
            long quiet = lookedAt + BETWEEN_LOOKS.toNanos() - System.nanoTime();
            later(
                    () -> {
                        lookPlanned.set(false);
                        lookedAt = System.nanoTime();
                        loops.keySet().forEach(queue::add);
                    },
                    Duration.ofNanos(Math.max(settings.timing().debounce().toNanos(), quiet)));
        }
    }

    private Optional<Duration> work(String name) throws InterruptedException {
        Running now = running;
        if (now == null) {
            return Optional.of(NOT_YET);
        }
        VpnAttachment attachment = now.informer().getStore().getByKey(name);
        if (attachment == null) {
            Optional.ofNullable(loops.remove(name)).ifPresent(AttachmentLoop::close);
            return Optional.empty();
        }
        AttachmentLoop loop = loops.computeIfAbsent(name, key -> new AttachmentLoop(now.node()));
        return Optional.of(loop.pass(attachment));
    }

    /**
     * On a thread of its own: it reads the whole node, and the API may be slow. The first one is as soon as the attachments
     * are known: they may have gone while no agent was here.
     */
    private void sweep() {
        Running now = running;
        if (now == null || !now.informer().hasSynced()) {
            later(this::sweep, NOT_YET);
            return;
        }
        Thread.ofPlatform().daemon().name("sweep").start(() -> {
            long began = System.nanoTime();
            Optional<Sweep> seen = Optional.empty();
            try {
                new Departures(client, now.node())
                        .take(name -> now.informer().getStore().getByKey(name) != null);
                sweeper = sweeper == null ? new Sweeper(now.node()) : sweeper;
                seen = Optional.of(sweeper.run(now.informer().getStore().list()));
                lastSweep = seen;
                if (now.publisher().swept(seen.get())) {
                    now.publisher().publish();
                }
            } catch (RuntimeException e) {
                LOG.errorf(
                        e,
                        "the sweep failed; it runs again in %d s",
                        settings.sweepInterval().toSeconds());
            } finally {
                sweepObserver.swept(Duration.ofNanos(System.nanoTime() - began), seen);
                later(this::sweep, settings.sweepInterval());
            }
        });
    }

    private void later(Runnable task, Duration delay) {
        if (!timer.isShutdown()) {
            timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private final class Events implements ResourceEventHandler<VpnAttachment> {
        @Override
        public void onAdd(VpnAttachment attachment) {
            queue.add(attachment.getMetadata().getName());
        }

        @Override
        public void onUpdate(VpnAttachment before, VpnAttachment now) {
            boolean recreated =
                    !before.getMetadata().getUid().equals(now.getMetadata().getUid());
            if (recreated) {
                gone(before);
            }
            if (recreated
                    || !before.getMetadata()
                            .getGeneration()
                            .equals(now.getMetadata().getGeneration())) {
                queue.add(now.getMetadata().getName());
            }
        }

        @Override
        public void onDelete(VpnAttachment attachment, boolean finalStateUnknown) {
            gone(attachment);
            queue.add(attachment.getMetadata().getName());
        }

        private void gone(VpnAttachment attachment) {
            Running now = running;
            if (now == null) {
                return;
            }
            now.reporter().forget(attachment.getMetadata().getUid());
            now.node().plans().forget(attachment.getMetadata().getUid());
            if (now.node().registry().find(attachment.getSpec().instance().uid())
                            instanceof Registry.Lookup.Known(JournalEntry entry)
                    && attachment.getMetadata().getUid().equals(entry.attachmentUid())) {
                new Farewell(now.node()).to(entry);
            }
            // another instance may have waited for its name or table
            loops.keySet().forEach(queue::add);
        }
    }
}
