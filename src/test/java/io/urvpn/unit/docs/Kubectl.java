package io.urvpn.unit.docs;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.urvpn.cli.KubectlVpn;
import io.urvpn.unit.api.CustomResourceDefinitions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;

/** What a command of kubectl names: verbs, resources, and of our plugin commands and options. */
final class Kubectl {
    /** Verbs whose next word is a resource, or several. */
    private static final Set<String> ON_RESOURCES = Set.of(
            "get",
            "describe",
            "delete",
            "annotate",
            "label",
            "wait",
            "explain",
            "edit",
            "patch",
            "scale",
            "logs",
            "exec",
            "port-forward");

    private static final Set<String> OTHERS = Set.of(
            "apply",
            "replace",
            "create",
            "auth",
            "drain",
            "cordon",
            "uncordon",
            "config",
            "debug",
            "cp",
            "kustomize",
            "completion");
    private static final Set<String> WITH_VALUE = Set.of(
            "-n",
            "--namespace",
            "-l",
            "--selector",
            "-o",
            "--output",
            "-f",
            "--filename",
            "--for",
            "--timeout",
            "-c",
            "-p",
            "--patch",
            "--type",
            "--context",
            "--kubeconfig",
            "--field-selector",
            "--tail",
            "--replicas",
            "--since",
            "--subresource",
            "--as",
            "--image",
            "--profile",
            "--target");
    private static final Set<String> KUBERNETES = Set.of(
            "pod",
            "pods",
            "node",
            "nodes",
            "secret",
            "secrets",
            "configmap",
            "configmaps",
            "namespace",
            "ns",
            "namespaces",
            "deployment",
            "deployments",
            "deploy",
            "daemonset",
            "daemonsets",
            "ds",
            "job",
            "jobs",
            "lease",
            "leases",
            "events",
            "event",
            "crd",
            "crds",
            "service",
            "services",
            "svc",
            "clusterrole",
            "clusterrolebinding",
            "rolebinding",
            "role",
            "serviceaccount",
            "sa",
            "validatingadmissionpolicy",
            "validatingadmissionpolicybinding",
            "networkpolicy",
            "networkpolicies",
            "poddisruptionbudget",
            "pdb",
            "servicemonitor",
            "servicemonitors",
            "prometheusrule",
            "prometheusrules",
            "application",
            "applications",
            "kustomization",
            "kustomizations",
            "helmrelease",
            "helmreleases",
            "apiservice",
            "priorityclass");

    private final Set<String> resources = new HashSet<>(KUBERNETES);

    Kubectl() {
        for (CustomResourceDefinition definition :
                CustomResourceDefinitions.all().values()) {
            var names = definition.getSpec().getNames();
            resources.addAll(names.getShortNames());
            resources.add(names.getSingular());
            resources.add(names.getPlural());
            resources.add(names.getKind().toLowerCase(Locale.ROOT));
            resources.add(definition.getMetadata().getName());
        }
    }

    /** What is wrong with it; empty when nothing is. */
    List<String> problems(List<String> arguments) {
        List<String> words = positional(arguments);
        if (words.isEmpty()) {
            return List.of("no verb");
        }
        String verb = words.getFirst();
        if (verb.equals("vpn")) {
            return plugin(arguments.subList(arguments.indexOf("vpn") + 1, arguments.size()));
        }
        if (verb.equals("rollout")) {
            return words.stream().skip(2).flatMap(this::unknown).toList();
        }
        if (ON_RESOURCES.contains(verb)) {
            boolean pods = Set.of("logs", "exec", "port-forward").contains(verb);
            return words.stream()
                    .skip(1)
                    .limit(1)
                    .filter(word -> !pods || word.contains("/"))
                    .flatMap(this::unknown)
                    .toList();
        }
        return OTHERS.contains(verb) || unclear(verb)
                ? List.of()
                : List.of("no verb of kubectl that is known here: " + verb);
    }

    private Stream<String> unknown(String target) {
        return Stream.of(target.split("/")[0].split(","))
                .map(resource -> resource.startsWith("vpn")
                        ? resource.replaceFirst("\\.(spec|status|metadata).*", "")
                        : resource)
                .filter(resource -> !unclear(resource) && !resources.contains(resource))
                .map(resource -> "no such resource: " + resource);
    }

    /** What stands for something that the reader puts there. */
    private static boolean unclear(String word) {
        return word.matches(".*[<>$\\[\\]*].*|\\.\\.\\.|…|[A-Z_/]+");
    }

    private static List<String> positional(List<String> arguments) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--")) {
                break;
            } else if (WITH_VALUE.contains(argument)) {
                i++;
            } else if (!argument.startsWith("-")) {
                words.add(argument);
            }
        }
        return words;
    }

    /** By the plugin's own model of its command line. */
    private static List<String> plugin(List<String> arguments) {
        List<String> problems = new ArrayList<>();
        CommandLine command = KubectlVpn.commandLine();
        boolean inCommands = true;
        for (String argument : arguments) {
            String word = argument.replaceAll("[\\[\\]]|\\.\\.\\.", "").replaceFirst("=.*", "");
            CommandLine next = inCommands ? command.getSubcommands().get(word) : null;
            if (next != null) {
                command = next;
            } else if (word.matches("--?[a-z].*")) {
                for (String option : word.split("/")) {
                    if (!command.getCommandSpec().optionsMap().containsKey(option)
                            && !command.getCommandSpec().negatedOptionsMap().containsKey(option)) {
                        problems.add(command.getCommandSpec().qualifiedName(" ") + " has no option " + option);
                    }
                }
            } else if (inCommands && !command.getSubcommands().isEmpty() && !unclear(word) && !word.isEmpty()) {
                problems.add(command.getCommandSpec().qualifiedName(" ") + " has no command " + word);
                inCommands = false;
            } else {
                inCommands = false;
            }
        }
        return problems;
    }
}
