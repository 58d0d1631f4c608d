package io.urvpn.unit.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.api.v1alpha1.Component;
import io.urvpn.api.v1alpha1.Intervention;
import io.urvpn.api.v1alpha1.InterventionKind;
import io.urvpn.cleanup.Interventions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterventionsTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private static Optional<Intervention> parse(InterventionKind kind, String value) {
        return Interventions.parse(kind, value, NOW);
    }

    @Test
    void aReasonAloneIsForEachNodeAndComponent() {
        assertThat(parse(InterventionKind.RETRY, "alice: the cable is back"))
                .contains(new Intervention(InterventionKind.RETRY, "alice", NOW, "the cable is back", null, null));
    }

    @Test
    void theNameOfAServiceAccountHasColons() {
        assertThat(parse(
                        InterventionKind.SKIP,
                        "system:serviceaccount:ops:bot: VPN_DISCONNECT@node-1 the module hangs: see ticket"))
                .contains(new Intervention(
                        InterventionKind.SKIP,
                        "system:serviceaccount:ops:bot",
                        NOW,
                        "the module hangs: see ticket",
                        Component.VPN_DISCONNECT,
                        "node-1"));
    }

    @Test
    void aStarIsEach() {
        assertThat(parse(InterventionKind.SKIP, "alice: ROUTING_RULES_CLEAR@* known"))
                .get()
                .returns(null, Intervention::node);
        assertThat(parse(InterventionKind.FORCE, "alice: *@node-1 burnt"))
                .get()
                .returns(null, Intervention::component)
                .returns("node-1", Intervention::node);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "alice", "alice: ", ": why", "alice: VPN_DISCONNECT@node-1 ", "alice: NOTHING@node-1 why"})
    void whatHasNotTheFormIsNothing(String value) {
        assertThat(parse(InterventionKind.FORCE, value)).isEmpty();
    }

    @Test
    void aSkipNamesItsComponent() {
        assertThat(parse(InterventionKind.SKIP, "alice: all of it")).isEmpty();
    }

    @Test
    void onlyWhatIsForTheNodeConcernsIt() {
        Intervention here =
                parse(InterventionKind.FORCE, "alice: *@node-1 burnt").orElseThrow();
        Intervention there =
                parse(InterventionKind.FORCE, "alice: *@node-2 burnt").orElseThrow();
        assertThat(Interventions.on(List.of(here, there), "node-1").applying()).containsExactly(here);
    }
}
