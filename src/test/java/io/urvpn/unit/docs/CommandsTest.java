package io.urvpn.unit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documentation tells people to type names what there is. */
class CommandsTest {
    private static final Set<String> HELM = Set.of(
            "install",
            "upgrade",
            "uninstall",
            "template",
            "rollback",
            "lint",
            "test",
            "show",
            "get",
            "list",
            "history",
            "status",
            "unittest");
    private static final Pattern OUR_FILE = Pattern.compile("(deploy|helm|e2e|docs|images|crds|src)/[\\w./-]+");
    private static final Pattern TARGET = Pattern.compile("(?m)^([a-z][a-z0-9-]*(?: [a-z][a-z0-9-]*)*):(?!=)");

    private final Kubectl kubectl = new Kubectl();
    private final ChartValues values = new ChartValues();

    @Test
    void eachCommandNamesWhatThereIs() throws IOException {
        String makefile = Files.readString(Path.of("Makefile"));
        String cluster = Files.readString(Path.of("e2e/cluster/cluster"));
        List<String> wrong = new ArrayList<>();
        int seen = 0;
        for (Page page : Page.all()) {
            for (ShellCommand command : ShellCommand.of(page)) {
                seen++;
                List<String> problems = new ArrayList<>(files(command));
                problems.addAll(
                        switch (command.program()) {
                            case "kubectl" -> kubectl.problems(command.arguments());
                            case "helm" -> helm(command.arguments());
                            case "make" -> make(command.arguments(), makefile);
                            case "mvn" -> List.of();
                            default -> cluster(command, cluster);
                        });
                problems.forEach(problem -> wrong.add(page.file() + ": " + command + ": " + problem));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(seen).as("commands in all pages").isGreaterThan(50);
    }

    @Test
    void whatThereIsNotIsFound() {
        assertThat(kubectl.problems(words("get vpnn,vpninstances/office"))).isEmpty();
        assertThat(kubectl.problems(words("get vpnins"))).containsExactly("no such resource: vpnins");
        assertThat(kubectl.problems(words("-n x logs jobs/a"))).isEmpty();
        assertThat(kubectl.problems(words("logs jbo/a"))).containsExactly("no such resource: jbo");
        assertThat(kubectl.problems(words("grab pods"))).hasSize(1);
        assertThat(kubectl.problems(words("vpn cleanup list --instance NAME"))).isEmpty();
        assertThat(kubectl.problems(words("vpn cleanup list --istance NAME"))).hasSize(1);
        assertThat(kubectl.problems(words("vpn cleanup lst"))).hasSize(1);
        assertThat(helm(words("upgrade a --set log.level=INFO,agent.seLinuxOptions.type=spc_t")))
                .isEmpty();
        assertThat(helm(words("upgrade a --set log.leevel=INFO"))).hasSize(1);
    }

    private static List<String> words(String command) {
        return List.of(command.split(" "));
    }

    private static List<String> files(ShellCommand command) {
        return command.words().stream()
                .filter(word -> OUR_FILE.matcher(word).matches() && Files.notExists(Path.of(word)))
                .map(word -> "no such file: " + word)
                .toList();
    }

    private List<String> helm(List<String> arguments) {
        List<String> problems = new ArrayList<>();
        if (!HELM.contains(arguments.getFirst())) {
            problems.add("no command of helm that is known here: " + arguments.getFirst());
        }
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.matches("--set(-string|-file|-json|-literal)?(=.*)?")) {
                String set =
                        argument.contains("=") ? argument.substring(argument.indexOf('=') + 1) : arguments.get(++i);
                for (String value : set.replaceAll("\\{[^}]*}", "").split(",(?=[^,=]*=)")) {
                    String name = value.replaceFirst("=.*", "");
                    if (!values.has(name)) {
                        problems.add("no such value: " + name);
                    }
                }
            }
        }
        return problems;
    }

    private static List<String> make(List<String> arguments, String makefile) {
        Set<String> targets = new HashSet<>();
        TARGET.matcher(makefile)
                .results()
                .forEach(line -> targets.addAll(List.of(line.group(1).split(" "))));
        return arguments.stream()
                .filter(word -> word.contains("=")
                        ? !makefile.contains("$(" + word.replaceFirst("=.*", "") + ")")
                        : word.matches("[a-z].*") && !targets.contains(word))
                .map(word -> "no target or variable of the Makefile: " + word)
                .toList();
    }

    /** The cluster's commands stand in its head. */
    private static List<String> cluster(ShellCommand command, String script) {
        if (!command.program().equals("e2e/cluster/cluster")) {
            return List.of();
        }
        boolean there = Stream.of(script.split("\n"))
                .filter(line -> line.startsWith("#   cluster "))
                .flatMap(line -> Stream.of(line.split(" +")[2].split("\\|")))
                .anyMatch(command.arguments().getFirst()::equals);
        return there
                ? List.of()
                : List.of("no command of the cluster: " + command.arguments().getFirst());
    }
}
