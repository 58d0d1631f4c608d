package io.urvpn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.urvpn.api.v1alpha1.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real cluster that the tier runs against: two nodes n1 and n2, and a peer beside them. */
final class Cluster {
    static final String NAMESPACE = "ur-vpn-system";
    static final Cluster CLUSTER = new Cluster();

    private final String script = required("URVPN_E2E_CLUSTER");
    final KubernetesClient client = new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(Path.of(required("KUBECONFIG")).toFile()))
            .withKubernetesSerialization(Serialization.kubernetes())
            .build();

    private Cluster() {}

    /** What the script that runs this tier says by that variable. */
    static String required(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set: run this tier by 'make test-e2e'");
        }
        return value;
    }

    /** What a command printed, and its exit code. */
    record Result(int exit, String out) {}

    /** Runs a command; its error output comes with its output. */
    static Result run(String input, List<String> command) {
        try {
            Path file = Files.createTempFile("urvpn-e2e", ".in");
            Files.writeString(file, input);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(file.toFile())
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            Files.delete(file);
            assertThat(ended).as("%s ended within 5 minutes", command).isTrue();
            return new Result(process.exitValue(), out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<String> scripted(String... arguments) {
        List<String> command = new ArrayList<>(List.of(script));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static String checked(Result result, List<String> command) {
        assertThat(result.exit()).as("%s printed: %s", command, result.out()).isZero();
        return result.out();
    }

    /** The cluster script, which must succeed. */
    String script(String... arguments) {
        return checked(run("", scripted(arguments)), scripted(arguments));
    }

    /** The cluster script; the caller judges. */
    Result tryScript(String... arguments) {
        return run("", scripted(arguments));
    }

    /** kubectl, which must succeed. */
    String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("kubectl"));
        command.addAll(Arrays.asList(arguments));
        return script(command.toArray(String[]::new));
    }

    /** kubectl apply of a text; the caller judges. */
    Result apply(String yaml) {
        return run(yaml, scripted("kubectl", "apply", "-f", "-"));
    }

    /** A command on a node, which must succeed. */
    String on(String node, String... command) {
        return checked(tryOn(node, "", command), Arrays.asList(command));
    }

    /** A command on a node; the caller judges. */
    Result tryOn(String node, String input, String... command) {
        List<String> words = scripted("on", node);
        words.addAll(Arrays.asList(command));
        return run(input, words);
    }

    /** A script of bash on a node, its words given as arguments $1, $2 and so on. */
    String bash(String node, String text, String... arguments) {
        List<String> words = new ArrayList<>(List.of("bash", "-c", text, "bash"));
        words.addAll(Arrays.asList(arguments));
        return on(node, words.toArray(String[]::new));
    }
}
