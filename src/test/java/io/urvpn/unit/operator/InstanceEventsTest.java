package io.urvpn.unit.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.urvpn.api.v1alpha1.Outcome;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.VpnInstanceStatus;
import io.urvpn.api.v1alpha1.VpnInstanceStatusBuilder;
import io.urvpn.api.v1alpha1.VpnInstanceStatusDetachmentBuilder;
import io.urvpn.notify.EventReason;
import io.urvpn.notify.Occurrence;
import io.urvpn.operator.InstanceEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which Events a change of an instance's status makes. */
class InstanceEventsTest {
    private static VpnInstanceStatus status(Condition... conditions) {
        return VpnInstanceStatusBuilder.builder()
                .conditions(List.of(conditions))
                .build();
    }

    private static Condition condition(String type, String status, String reason) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage("as it is")
                .build();
    }

    private static List<EventReason> reasons(VpnInstanceStatus before, VpnInstanceStatus after) {
        return InstanceEvents.between(Samples.instance(), before, after).stream()
                .map(Occurrence::reason)
                .toList();
    }

    @Test
    void comingUpAndGoingDownAreToldOnceEach() {
        VpnInstanceStatus up = status(condition(Reasons.READY, "True", Reasons.UP));
        VpnInstanceStatus down = status(condition(Reasons.READY, "False", Reasons.WAITING_FOR_HANDSHAKE));
        assertThat(reasons(null, down)).isEmpty();
        assertThat(reasons(down, up)).containsExactly(EventReason.TUNNEL_UP);
        assertThat(reasons(up, up)).isEmpty();
        assertThat(reasons(up, down)).containsExactly(EventReason.TUNNEL_DOWN);
        assertThat(reasons(down, down)).isEmpty();
        assertThat(InstanceEvents.between(Samples.instance(), up, down)
                        .getFirst()
                        .note())
                .isEqualTo("WaitingForHandshake: as it is");
    }

    @Test
    void anInstanceThatNothingSelectsIsNotUp() {
        assertThat(reasons(null, status(condition(Reasons.READY, "True", Reasons.NO_NODES_SELECTED))))
                .isEmpty();
    }

    @Test
    void whatNeedsAPersonIsToldWhenItsReasonChanges() {
        VpnInstanceStatus missing = status(condition(Reasons.STALLED, "True", Reasons.SECRET_NOT_FOUND));
        VpnInstanceStatus invalid = status(condition(Reasons.STALLED, "True", Reasons.INVALID_CONFIGURATION));
        VpnInstanceStatus well = status(condition(Reasons.STALLED, "False", Reasons.SETTLED));
        assertThat(reasons(null, missing)).containsExactly(EventReason.STALLED);
        assertThat(reasons(missing, missing)).isEmpty();
        assertThat(reasons(missing, invalid)).containsExactly(EventReason.STALLED);
        assertThat(reasons(invalid, well)).isEmpty();
    }

    @Test
    void aRollThatHasStoppedIsToldOnce() {
        VpnInstanceStatus rolls = status(condition(Reasons.RECONCILING, "True", Reasons.ROLLING));
        VpnInstanceStatus stopped = status(condition(Reasons.RECONCILING, "True", Reasons.ROLL_STOPPED));
        assertThat(reasons(rolls, stopped)).containsExactly(EventReason.ROLL_STOPPED);
        assertThat(reasons(stopped, stopped)).isEmpty();
        assertThat(reasons(stopped, rolls)).isEmpty();
    }

    @Test
    void nodesThatLeftAreToldTogether() {
        VpnInstanceStatus left = VpnInstanceStatusBuilder.builder()
                .recentDetachments(List.of(detachment("a"), detachment("b")))
                .build();
        assertThat(InstanceEvents.between(Samples.instance(), null, left))
                .singleElement()
                .satisfies(one -> assertThat(one.note())
                        .isEqualTo("node a (Verified: not selected), node b (Verified: not selected)"));
        assertThat(reasons(left, left)).isEmpty();
    }

    private static VpnInstanceStatus.Detachment detachment(String node) {
        return VpnInstanceStatusDetachmentBuilder.builder()
                .node(node)
                .reason("not selected")
                .outcome(Outcome.VERIFIED)
                .attachmentUid("uid-of-" + node)
                .build();
    }
}
