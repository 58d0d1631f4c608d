package io.urvpn.apiserver.gitops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What Argo CD and Flux make of objects, by their own code: {@code e2e/gitops} compiles and runs it. */
final class HealthTool {
    private static final ObjectMapper JSON = new ObjectMapper();

    private HealthTool() {}

    /** A state and what it says. */
    record Health(String status, String message) {}

    /**
     * Verdicts of one object.
     *
     * @param argo of Argo CD
     * @param lua of the health check, also where Argo CD would not ask it
     * @param kstatus of kstatus, which Flux and Argo CD's kin go by
     * @param cel of the expressions of the Flux Kustomization; empty for kinds that it has none for
     */
    record Verdicts(Health argo, Health lua, Health kstatus, String cel) {}

    /** Of each object, in the same order. */
    static Map<String, Verdicts> of(Map<String, GenericKubernetesResource> objects) {
        try {
            String tool = run(List.of("e2e/gitops/build"), "").strip();
            StringBuilder lines = new StringBuilder();
            for (GenericKubernetesResource object : objects.values()) {
                lines.append(JSON.writeValueAsString(object)).append('\n');
            }
            List<String> answers = run(List.of(tool, "deploy/gitops"), lines.toString())
                    .lines()
                    .toList();
            return answers(new ArrayList<>(objects.keySet()), answers);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Verdicts> answers(List<String> names, List<String> answers)
            throws JsonProcessingException {
        if (answers.size() != names.size()) {
            throw new IllegalStateException(answers.size() + " answers for " + names.size() + " objects");
        }
        Map<String, Verdicts> all = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            all.put(names.get(i), JSON.readValue(answers.get(i), Verdicts.class));
        }
        return all;
    }

    /** What it printed; it must succeed. */
    static String run(List<String> command, String input) throws IOException {
        Path in = Files.createTempFile("objects", ".json");
        try {
            Files.writeString(in, input);
            Process process = new ProcessBuilder(command)
                    .redirectInput(in.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " ended with " + process.exitValue());
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            Files.delete(in);
        }
    }
}
