package io.urvpn.unit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.urvpn.unit.api.CustomResourceDefinitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests, fields, values, labels and files that the documentation mentions exist. */
class NamesTest {
    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w*(?:Test|Campaign))\\b(?:#(\\w+))?");
    private static final Set<String> NOT_OURS = Set.of("Secret", "Deployment", "DaemonSet", "Job");
    private static final Pattern FIELD =
            Pattern.compile("(?:Vpn\\w+\\.)?((?:spec|status)(?:\\.\\w+)+)(?:\\[].*|: .*)?");
    private static final Pattern MARK = Pattern.compile("\\burvpn\\.io/([a-z0-9-]+)");
    private static final Pattern FILE = Pattern.compile("(?:deploy|helm|e2e|docs|images|crds|src)/[\\w./-]*\\w");

    @Test
    void eachTestIsThereAndHasTheMethod() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path file : files("src/test/java")) {
            sources.merge(file.getFileName().toString().replace(".java", ""), Files.readString(file), String::concat);
        }
        check((page, wrong) -> {
            String text = page.prose() + String.join("\n", page.blocks());
            for (MatchResult test : TEST.matcher(text).results().toList()) {
                String source = sources.get(test.group(1));
                if (source == null || test.group(2) != null && !source.contains("void " + test.group(2) + "(")) {
                    wrong.add(test.group());
                }
            }
        });
    }

    @Test
    void eachClassOfTheArchitectureIsThere() throws IOException {
        Set<String> classes = new HashSet<>();
        for (Path file : files("src")) {
            classes.add(file.getFileName().toString().replaceFirst("\\..*", ""));
        }
        assertThat(Page.of(Path.of("docs/architecture.md")).inlineCode())
                .filteredOn(code -> code.matches("(?:[a-z]+/)?[A-Z][a-z]\\w+"))
                .extracting(code -> code.replaceFirst(".*/", ""))
                .filteredOn(name -> !NOT_OURS.contains(name))
                .hasSizeGreaterThan(30)
                .isSubsetOf(classes);
    }

    /** Their paths, such as {@code spec.routes}. */
    private static Set<String> fieldsOfOurKinds() {
        Set<String> fields = new HashSet<>();
        CustomResourceDefinitions.all()
                .values()
                .forEach(definition -> collect(
                        "",
                        definition
                                .getSpec()
                                .getVersions()
                                .getFirst()
                                .getSchema()
                                .getOpenAPIV3Schema(),
                        fields));
        return fields;
    }

    @Test
    void eachFieldIsInAKind() {
        Set<String> fields = fieldsOfOurKinds();
        // of Kubernetes' own kinds
        fields.addAll(List.of("spec.nodeName", "spec.template"));
        check((page, wrong) -> page.inlineCode().stream()
                .map(FIELD::matcher)
                .filter(field -> field.matches() && !fields.contains(field.group(1)))
                .forEach(field -> wrong.add(field.group())));
    }

    @Test
    void eachValueOfTheChartIsThere() {
        ChartValues values = new ChartValues();
        Pattern value =
                Pattern.compile("((?:" + String.join("|", values.top().toList()) + ")(?:\\.[a-zA-Z]+)+)(?:[=:].*)?");
        Set<String> fields = fieldsOfOurKinds();
        check((page, wrong) -> page.inlineCode().stream()
                .map(value::matcher)
                .filter(found -> found.matches()
                        && !values.has(found.group(1))
                        && !fields.contains("spec." + found.group(1))
                        && !fields.contains("status." + found.group(1))
                        && !found.group(1).matches(".*\\.(tar|sh|go|yaml|json|md)"))
                .forEach(found -> wrong.add(found.group())));
    }

    @Test
    void eachLabelAnnotationAndFinalizerIsOurs() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (String directory : List.of("src/main", "helm", "crds")) {
            for (Path file : files(directory)) {
                sources.append(Files.readString(file));
            }
        }
        check((page, wrong) -> MARK.matcher(page.prose() + String.join("\n", page.blocks()))
                .results()
                .map(mark -> mark.group(1))
                .filter(mark -> sources.indexOf("\"/" + mark + "\"") < 0 && sources.indexOf("urvpn.io/" + mark) < 0)
                .forEach(wrong::add));
    }

    @Test
    void eachFileOfTheRepositoryIsThere() {
        check((page, wrong) -> page.inlineCode().stream()
                .filter(code -> FILE.matcher(code).matches() && Files.notExists(Path.of(code)))
                .forEach(wrong::add));
    }

    /** Looks for what is wrong in a page. */
    private interface Check {
        void on(Page page, List<String> wrong);
    }

    private static void check(Check check) {
        Map<Path, List<String>> wrong = new HashMap<>();
        for (Page page : Page.all()) {
            List<String> found = new ArrayList<>();
            check.on(page, found);
            if (!found.isEmpty()) {
                wrong.put(page.file(), found);
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Path> files(String directory) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void collect(String path, JSONSchemaProps schema, Set<String> fields) {
        fields.add(path);
        JSONSchemaProps inner =
                schema.getItems() == null ? schema : schema.getItems().getSchema();
        if (inner.getProperties() != null) {
            inner.getProperties()
                    .forEach((name, property) -> collect(path.isEmpty() ? name : path + "." + name, property, fields));
        }
    }
}
