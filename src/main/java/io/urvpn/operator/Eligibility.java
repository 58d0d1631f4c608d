package io.urvpn.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.urvpn.api.v1alpha1.TunnelToleration;
import io.urvpn.api.v1alpha1.VpnInstanceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which nodes an instance is for, as the DaemonSet controller judges it (kubernetes/pkg/controller/daemon/util), with two
 * rules: a node begins by labels, NoSchedule and NoExecute; it is kept by labels and NoExecute. So a cordon or a NoSchedule
 * taint ends nothing, nor does a dead kubelet, whose taints every DaemonSet tolerates.
 */
public final class Eligibility {
    private static final String NO_SCHEDULE = "NoSchedule";
    private static final String NO_EXECUTE = "NoExecute";

    /** What the DaemonSet controller adds to the tolerations of a pod with host network. */
    private static final List<Toleration> OF_EVERY_DAEMON_SET = List.of(
            exists("node.kubernetes.io/not-ready", NO_EXECUTE),
            exists("node.kubernetes.io/unreachable", NO_EXECUTE),
            exists("node.kubernetes.io/disk-pressure", NO_SCHEDULE),
            exists("node.kubernetes.io/memory-pressure", NO_SCHEDULE),
            exists("node.kubernetes.io/pid-pressure", NO_SCHEDULE),
            exists("node.kubernetes.io/unschedulable", NO_SCHEDULE),
            exists("node.kubernetes.io/network-unavailable", NO_SCHEDULE));

    private final Map<String, String> selector;
    private final List<Toleration> tolerations;

    /** For the nodes that this spec selects. */
    public Eligibility(VpnInstanceSpec spec) {
        this.selector = spec.nodeSelector() == null ? Map.of() : spec.nodeSelector();
        List<Toleration> all = new ArrayList<>(OF_EVERY_DAEMON_SET);
        all.addAll(tolerations(spec));
        this.tolerations = List.copyOf(all);
    }

    /** The tolerations that the user wrote, as a pod has them. */
    public static List<Toleration> tolerations(VpnInstanceSpec spec) {
        return spec.tolerations() == null
                ? List.of()
                : spec.tolerations().stream()
                        .filter(Objects::nonNull)
                        .map(Eligibility::toleration)
                        .toList();
    }

    /** True where a tunnel may be brought up on this node. */
    public boolean begins(Node node) {
        return selects(node) && tolerates(node, Set.of(NO_SCHEDULE, NO_EXECUTE));
    }

    /** True where a tunnel that is on this node stays. */
    public boolean keeps(Node node) {
        return selects(node) && tolerates(node, Set.of(NO_EXECUTE));
    }

    /** Why a tunnel does not stay on this node, for people. */
    public String whyNotKept(Node node) {
        return selects(node)
                ? "node " + node.getMetadata().getName()
                        + " has a NoExecute taint that spec.tolerations does not tolerate"
                : "the labels of node " + node.getMetadata().getName() + " do not match spec.nodeSelector any more";
    }

    private boolean selects(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        return selector.entrySet().stream()
                .allMatch(wanted -> labels != null
                        && Objects.equals(
                                labels.get(wanted.getKey()), Objects.requireNonNullElse(wanted.getValue(), "")));
    }

    private boolean tolerates(Node node, Set<String> effects) {
        List<Taint> taints = node.getSpec() == null ? null : node.getSpec().getTaints();
        return taints == null
                || taints.stream()
                        .filter(taint -> effects.contains(taint.getEffect()))
                        .allMatch(taint -> tolerations.stream().anyMatch(t -> tolerates(t, taint)));
    }

    /** As ToleratesTaint of core/v1: an empty effect matches each, an empty key with Exists matches each. */
    private static boolean tolerates(Toleration toleration, Taint taint) {
        boolean effect = empty(toleration.getEffect()) || toleration.getEffect().equals(taint.getEffect());
        boolean key = empty(toleration.getKey()) || toleration.getKey().equals(taint.getKey());
        boolean value = "Exists".equals(toleration.getOperator())
                || (!empty(toleration.getKey())
                        && Objects.requireNonNullElse(toleration.getValue(), "")
                                .equals(Objects.requireNonNullElse(taint.getValue(), "")));
        return effect && key && value;
    }

    private static boolean empty(String text) {
        return text == null || text.isEmpty();
    }

    private static Toleration exists(String key, String effect) {
        return new TolerationBuilder()
                .withKey(key)
                .withOperator("Exists")
                .withEffect(effect)
                .build();
    }

    private static Toleration toleration(TunnelToleration written) {
        return new TolerationBuilder()
                .withKey(written.key())
                .withOperator(written.operator())
                .withValue(written.value())
                .withEffect(written.effect())
                .withTolerationSeconds(written.tolerationSeconds())
                .build();
    }
}
