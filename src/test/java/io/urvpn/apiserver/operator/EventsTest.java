package io.urvpn.apiserver.operator;

import static io.urvpn.apiserver.operator.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.ApiServerClient;
import io.urvpn.apiserver.api.ApiServer;
import io.urvpn.notify.EventReason;
import io.urvpn.notify.EventRecorder;
import io.urvpn.notify.Occurrence;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Events as a real API server takes and refuses them. */
class EventsTest {
    private final KubernetesClient admin = ApiServer.running().admin();
    private final ObjectReference regarding = new ObjectReferenceBuilder()
            .withApiVersion("urvpn.io/v1alpha1")
            .withKind("VpnInstance")
            .withName("told-" + UUID.randomUUID())
            .withUid(UUID.randomUUID().toString())
            .build();

    private Occurrence down(String note) {
        return new Occurrence(EventReason.TUNNEL_DOWN, regarding, Optional.empty(), note);
    }

    private List<Event> written() {
        return admin.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> regarding.getUid().equals(event.getRegarding().getUid()))
                .toList();
    }

    @Test
    void whatIsToldAgainIsCountedInTheEventThatIsThere() {
        try (EventRecorder events = new EventRecorder(admin, "here", Clock.systemUTC())) {
            IntStream.range(0, 5).forEach(i -> events.record(List.of(down("node a is down"))));
            eventually(() -> assertThat(written()).singleElement().satisfies(event -> {
                assertThat(event.getNote()).isEqualTo("node a is down");
                assertThat(event.getType()).isEqualTo("Warning");
                assertThat(event.getSeries().getCount()).isEqualTo(5);
            }));
        }
    }

    @Test
    void manyNotesOfOneReasonMakeThreeEvents() {
        try (EventRecorder events = new EventRecorder(admin, "here", Clock.systemUTC())) {
            IntStream.range(0, 40).forEach(i -> events.record(List.of(down("node " + i + " is down"))));
            eventually(() -> assertThat(written())
                    .hasSize(3)
                    .filteredOn(event -> event.getSeries() != null)
                    .singleElement()
                    .satisfies(last -> assertThat(last.getSeries().getCount()).isEqualTo(38)));
        }
    }

    @Test
    void anEventThatHasExpiredIsWrittenAnew() {
        try (EventRecorder events = new EventRecorder(admin, "here", Clock.systemUTC())) {
            events.record(List.of(down("node a is down")));
            eventually(() -> assertThat(written()).hasSize(1));
            admin.resource(written().getFirst()).delete();
            events.record(List.of(down("node a is down")));
            eventually(() -> assertThat(written()).hasSize(1));
        }
    }

    @Test
    void aNameAndANoteOfAnyLengthAreTaken() {
        regarding.setName("a".repeat(199) + ".b" + "c".repeat(50));
        try (EventRecorder events = new EventRecorder(admin, "here", Clock.systemUTC())) {
            events.record(List.of(down("é".repeat(5000))));
            eventually(() -> assertThat(written()).hasSize(1));
        }
    }

    @Test
    void whoMayNotWriteThemGoesOnWithoutThem() {
        try (KubernetesClient nobody =
                ApiServerClient.of(new ConfigBuilder(ApiServer.running().config())
                        .withImpersonateUsername("nobody")
                        .build())) {
            try (EventRecorder refused = new EventRecorder(nobody, "here", Clock.systemUTC())) {
                IntStream.range(0, 2000).forEach(i -> refused.record(List.of(down("refused"))));
            }
        }
        try (EventRecorder allowed = new EventRecorder(admin, "here", Clock.systemUTC())) {
            allowed.record(List.of(down("allowed")));
            eventually(() -> assertThat(written())
                    .singleElement()
                    .satisfies(event -> assertThat(event.getNote()).isEqualTo("allowed")));
        }
    }
}
