package io.urvpn.cli;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.VpnAttachment;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.api.v1alpha1.VpnInstance;
import io.urvpn.api.v1alpha1.VpnNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What may follow on the command line: commands and options from its model, names from the cluster. */
final class Completion {
    private static final int REQUEST_MILLIS = 3_000;

    private final Map<String, String> values = new HashMap<>();
    private final String current;
    private CommandLine command;
    private Optional<OptionSpec> awaited = Optional.empty();
    private int positionals;

    /**
     * Of what was typed.
     *
     * @param root the plugin's command line
     * @param words all words, the last one as far as it is typed
     */
    Completion(CommandLine root, List<String> words) {
        command = root;
        current = words.isEmpty() ? "" : words.getLast();
        words.stream().limit(Math.max(0, words.size() - 1)).forEach(this::take);
    }

    private void take(String word) {
        if (awaited.isPresent()) {
            values.put(awaited.get().longestName(), word);
            awaited = Optional.empty();
        } else if (word.startsWith("-")) {
            String[] parts = word.split("=", 2);
            OptionSpec option = command.getCommandSpec().findOption(parts[0]);
            if (option != null && parts.length == 2) {
                values.put(option.longestName(), parts[1]);
            } else if (option != null && option.arity().max() > 0 && !option.negatable()) {
                awaited = Optional.of(option);
            }
        } else if (command.getSubcommands().containsKey(word)) {
            command = command.getSubcommands().get(word);
        } else {
            positionals++;
        }
    }

    /** Each with a tab and what it is, where that is known. */
    List<String> proposals() {
        String[] parts = current.split("=", 2);
        Optional<OptionSpec> written = current.startsWith("--") && parts.length == 2
                ? Optional.ofNullable(command.getCommandSpec().findOption(parts[0]))
                : Optional.empty();
        if (written.isPresent()) {
            return matching(values(written.get()).map(value -> parts[0] + "=" + value));
        }
        if (awaited.isPresent()) {
            return matching(values(awaited.get()));
        }
        return matching(current.startsWith("-") ? options() : words());
    }

    /** True where a file may be meant. */
    boolean file() {
        return awaited.filter(option -> option.longestName().equals("--kubeconfig"))
                .isPresent();
    }

    private List<String> matching(Stream<String> all) {
        return all.filter(one -> one.startsWith(current)).distinct().toList();
    }

    private Stream<String> options() {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .flatMap(option -> Stream.of(option.names())
                        .filter(name -> name.startsWith("--"))
                        .flatMap(name ->
                                option.negatable() ? Stream.of(name, "--no-" + name.substring(2)) : Stream.of(name))
                        .map(name -> described(name, option.description())));
    }

    private Stream<String> words() {
        Stream<String> commands = positionals > 0
                ? Stream.empty()
                : command.getSubcommands().entrySet().stream()
                        .filter(one ->
                                !one.getValue().getCommandSpec().usageMessage().hidden())
                        .map(one -> described(
                                one.getKey(),
                                one.getValue().getCommandSpec().usageMessage().description()));
        CommandSpec spec = command.getCommandSpec();
        boolean wanted = positionals < spec.positionalParameters().size();
        return Stream.concat(
                commands,
                wanted ? named(spec.positionalParameters().get(positionals).paramLabel()) : Stream.empty());
    }

    private static String described(String word, String[] description) {
        // what a variable stands for is not known here
        boolean told = description.length > 0 && !description[0].contains("${");
        return told ? word + "\t" + description[0].lines().findFirst().orElse("") : word;
    }

    private Stream<String> values(OptionSpec option) {
        if (option.completionCandidates() != null) {
            return StreamSupport.stream(option.completionCandidates().spliterator(), false);
        }
        return switch (option.longestName()) {
            case "--context" -> connection().contexts().stream();
            case "--node" -> names(VpnNode.class);
            case "--instance" -> names(VpnInstance.class);
            default -> Stream.empty();
        };
    }

    /** Names of what a positional parameter's label says it is. */
    private Stream<String> named(String label) {
        List<Stream<String>> all = new ArrayList<>();
        if (label.contains("INSTANCE")) {
            all.add(names(VpnInstance.class));
        }
        if (label.contains("ID") || label.contains("OPERATION")) {
            all.add(names(VpnCleanup.class));
        }
        if (label.contains("ATTACHMENT")) {
            all.add(names(VpnAttachment.class));
        }
        if (label.contains("SHELL")) {
            all.add(Stream.of("bash", "zsh", "fish"));
        }
        return all.stream().flatMap(names -> names);
    }

    private <T extends HasMetadata> Stream<String> names(Class<T> kind) {
        try (KubernetesClient client = connection().client(REQUEST_MILLIS)) {
            return client.resources(kind).list().getItems().stream()
                    .map(one -> one.getMetadata().getName())
                    .sorted(Comparator.naturalOrder())
                    .toList()
                    .stream();
        }
    }

    private Connection connection() {
        return Connection.of(values.get("--kubeconfig"), values.get("--context"));
    }
}
