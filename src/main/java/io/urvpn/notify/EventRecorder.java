package io.urvpn.notify;

import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventSeries;
import io.fabric8.kubernetes.api.model.events.v1.EventSeriesBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Kubernetes Events ({@code events.k8s.io/v1}), by a thread of its own: who tells something never waits and never
 * fails. What the API server refuses, or what comes faster than it can be written, is lost but for a line in the log.
 *
 * <p>What is told again of the same object is counted in the series of its last Event: the same note always, another
 * note where this reason has had {@value #NOTES} of them within {@link #WINDOW}.
 */
public final class EventRecorder implements AutoCloseable {
    /** Where Events of cluster-scoped objects live; the API server refuses them elsewhere. */
    public static final String NAMESPACE = "default";
    /** An API server keeps an Event for an hour (kube-apiserver, --event-ttl). */
    static final Duration WINDOW = Duration.ofMinutes(30);
    /** Notes that one reason of one object may have within the window. */
    static final int NOTES = 3;

    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final String CONTROLLER = "urvpn.io/operator";
    private static final int WAITING = 512;
    private static final int REMEMBERED = 4096;
    private static final int NOTE_LENGTH = 1024;
    private static final String CUT = "...";
    private static final int NAME_LENGTH = 200;
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String instance;
    private final Clock clock;
    private final BlockingQueue<Optional<Occurrence>> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Thread writer;
    /** The oldest first; only the writer's. */
    private final Map<Key, Told> told = new LinkedHashMap<>();

    private volatile int refused;
    private volatile boolean full;

    private record Key(String uid, String name, EventReason reason) {}

    /**
     * What was last written for a key.
     *
     * @param event name of the Event
     * @param count how often it was told
     * @param since when the first of these notes was written
     * @param notes how many there were since
     */
    private record Told(String event, String note, int count, Instant since, int notes) {}

    /**
     * @param client the caller's; it stays open
     * @param instance which process this is, as Events name it: the pod's name
     */
    public EventRecorder(KubernetesClient client, String instance, Clock clock) {
        this.client = client;
        this.instance = instance;
        this.clock = clock;
        this.writer = Thread.ofVirtual().name("events").start(this::write);
    }

    /** Writes them soon. */
    public void record(Collection<Occurrence> occurrences) {
        for (Occurrence occurrence : occurrences) {
            boolean offered = waiting.offer(Optional.of(occurrence));
            if (!offered && !full) {
                LOG.warn("Events are lost, as {} wait to be written; the first is {}", WAITING, occurrence);
            }
            full = !offered;
        }
    }

    /** Writes what is waiting, for a second at most. */
    @Override
    public void close() {
        try {
            if (!waiting.offer(Optional.empty()) || !writer.join(LAST_WORDS)) {
                writer.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            for (Optional<Occurrence> next = waiting.take(); next.isPresent(); next = waiting.take()) {
                writeOne(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeOne(Occurrence occurrence) {
        try {
            tell(occurrence);
        } catch (RuntimeException e) {
            int code = e instanceof KubernetesClientException answer ? answer.getCode() : 0;
            // once for each kind of refusal in a row: an account without the right would fill the log
            if (code != refused) {
                LOG.warn("the Event {} was not written: {}", occurrence.reason().reason(), e.getMessage());
            }
            refused = code;
        }
    }

    private void tell(Occurrence occurrence) {
        Instant now = clock.instant();
        String note = cut(occurrence.note());
        Key key =
                new Key(occurrence.regarding().getUid(), occurrence.regarding().getName(), occurrence.reason());
        Told before = told.get(key);
        boolean fresh = before == null || !now.isBefore(before.since().plus(WINDOW));
        if (!fresh && (before.note().equals(note) || before.notes() >= NOTES)) {
            Told again = new Told(before.event(), before.note(), before.count() + 1, before.since(), before.notes());
            if (counted(again, now)) {
                told.put(key, again);
                return;
            }
            fresh = true;
        }
        Event event = event(occurrence, note, now);
        client.resource(event).create();
        remember(
                key,
                new Told(
                        event.getMetadata().getName(),
                        note,
                        1,
                        fresh ? now : before.since(),
                        fresh ? 1 : before.notes() + 1));
        refused = 0;
    }

    private void remember(Key key, Told last) {
        told.remove(key);
        told.put(key, last);
        if (told.size() > REMEMBERED) {
            told.remove(told.keySet().iterator().next());
        }
    }

    /** False where the Event has gone meanwhile. */
    private boolean counted(Told again, Instant now) {
        EventSeries series = new EventSeriesBuilder()
                .withCount(again.count())
                .withLastObservedTime(new MicroTime(MICROS.format(now)))
                .build();
        try {
            client.events()
                    .v1()
                    .events()
                    .inNamespace(NAMESPACE)
                    .withName(again.event())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            client.getKubernetesSerialization().asJson(Map.of("series", series)));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private Event event(Occurrence occurrence, String note, Instant now) {
        String name = Objects.requireNonNull(occurrence.regarding().getName());
        return new EventBuilder()
                .withNewMetadata()
                .withName(prefix(name) + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000 + now.getNano())
                        + Integer.toHexString(occurrence.reason().ordinal()))
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withAction(occurrence.reason().action())
                .withReason(occurrence.reason().reason())
                .withType(occurrence.reason().type())
                .withRegarding(occurrence.regarding())
                .withRelated(occurrence.related().orElse(null))
                .withNote(note)
                .build();
    }

    /** A name may have 253 characters, and its last part begins and ends with a letter or digit. */
    private static String prefix(String name) {
        return name.length() <= NAME_LENGTH
                ? name
                : name.substring(0, NAME_LENGTH).replaceAll("[^a-z0-9]+$", "");
    }

    /** The API server counts bytes. */
    private static String cut(String note) {
        if (note.getBytes(StandardCharsets.UTF_8).length <= NOTE_LENGTH) {
            return note;
        }
        int end = Math.min(note.length(), NOTE_LENGTH);
        while (note.substring(0, end).getBytes(StandardCharsets.UTF_8).length > NOTE_LENGTH - CUT.length()) {
            end--;
        }
        return note.substring(0, end) + CUT;
    }
}
