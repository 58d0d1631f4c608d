package io.urvpn.e2e;

import static io.urvpn.e2e.Cluster.CLUSTER;
import static io.urvpn.e2e.Cluster.NAMESPACE;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The chart as it is installed, in the hands of an administrator with helm. */
final class Release {
    private static final String NAME = "ur-vpn";
    private static final Path CHART = Path.of("helm/ur-vpn-operator").toAbsolutePath();

    private Release() {}

    /** Installs or upgrades it with these values beside the chart's own, and waits until its pods are ready. */
    static void upgrade(String... values) {
        upgradeTo(CHART, values);
    }

    /** As {@link #upgrade}, with the chart in that directory. */
    static void upgradeTo(Path chart, String... values) {
        List<String> words = new ArrayList<>(List.of("upgrade", "--install", NAME, chart.toString(), "--reset-values"));
        Arrays.stream(values).forEach(value -> words.addAll(List.of("--set", value)));
        words.addAll(List.of("--wait", "--timeout", "120s"));
        helm(words);
    }

    /** Its own test of what is installed, which must find nothing. */
    static void test() {
        helm(List.of("test", NAME, "--timeout", "200s"));
    }

    /** As {@link #upgrade} to the chart's own values, whatever became of an uninstall that was begun. */
    static void putBack() {
        Cluster.Result status = CLUSTER.tryScript(words(List.of("status", NAME)));
        if (status.out().contains("STATUS: uninstalling")) {
            rollback(status.out().replaceFirst("(?s).*REVISION: (\\d+).*", "$1"));
        }
        upgrade();
    }

    /** Goes back to that revision, and waits until its pods are ready. */
    static void rollback(String revision) {
        helm(List.of("rollback", NAME, revision, "--wait", "--timeout", "120s"));
    }

    /** Goes back to the revision before, and waits until its pods are ready. */
    static void rollback() {
        helm(List.of("rollback", NAME, "--wait", "--timeout", "120s"));
    }

    /** The caller judges. */
    static Cluster.Result uninstall() {
        return CLUSTER.tryScript(words(List.of("uninstall", NAME, "--wait", "--timeout", "120s")));
    }

    private static void helm(List<String> words) {
        CLUSTER.script(words(words));
    }

    private static String[] words(List<String> given) {
        List<String> all = new ArrayList<>(List.of("helm"));
        all.addAll(given);
        all.addAll(List.of("--namespace", NAMESPACE));
        return all.toArray(String[]::new);
    }
}
