package io.urvpn.cli;

import io.urvpn.api.v1alpha1.ComponentState;
import io.urvpn.api.v1alpha1.ComponentStatus;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnCleanupStatus;
import io.urvpn.api.v1alpha1.VpnCleanupStatus.NodeCleanup;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** For a pipe or a file: a line for each change, and nothing twice. */
final class ProgressLines implements Progress {
    private final PrintWriter out;
    private final String name;
    private final Map<String, String> told = new HashMap<>();

    /**
     * Of an operation that is not known yet.
     *
     * @param name of what it is for
     */
    ProgressLines(PrintWriter out, String name) {
        this.out = out;
        this.name = name;
    }

    @Override
    public synchronized void show(Optional<VpnCleanup> cleanup) {
        if (cleanup.isEmpty()) {
            change("", "waiting for a VpnCleanup of " + name);
        }
        cleanup.map(VpnCleanup::getStatus).map(VpnCleanupStatus::nodes).ifPresent(nodes -> nodes.forEach(this::node));
        cleanup.ifPresent(
                one -> change("", one.getMetadata().getName() + " " + Words.phase(one) + ": " + message(one)));
        out.flush();
    }

    private static String message(VpnCleanup cleanup) {
        return cleanup.getStatus() == null || cleanup.getStatus().message() == null
                ? "the operator has not begun"
                : cleanup.getStatus().message();
    }

    private void node(NodeCleanup node) {
        List<ComponentStatus> components = Words.orEmpty(node.components());
        components.stream()
                .filter(component -> component.status() != null && component.status() != ComponentState.PENDING)
                .forEach(component -> change(
                        node.node() + " " + component.component(), node.node() + " " + Words.component(component)));
        if (node.outcome() != null) {
            change(node.node(), node.node() + " " + Words.outcome(node.outcome()));
        }
    }

    private void change(String of, String line) {
        if (!line.equals(told.put(of, line))) {
            out.println(Text.plain(line).stripTrailing());
        }
    }

    @Override
    public synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void close() {
        out.flush();
    }
}
