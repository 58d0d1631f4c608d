package io.urvpn.unit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.urvpn.cli.KubectlVpn;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

/** The command line that is set up for the first word alone is the one that is set up for all commands. */
class CommandsTest {
    private final CommandLine all = KubectlVpn.commandLine();

    @TestFactory
    Stream<DynamicTest> ofEachCommand() {
        return all.getSubcommands().keySet().stream()
                .filter(name -> !name.startsWith("_"))
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    CommandLine alone = KubectlVpn.commandLine(name, "--help");
                    assertThat(alone.getSubcommands().keySet()).isEqualTo(Set.of(name));
                    assertThat(alone.getSubcommands().get(name).getUsageMessage())
                            .isEqualTo(all.getSubcommands().get(name).getUsageMessage());
                }));
    }

    @Test
    void allAreThereWhereTheLineBeginsOtherwise() {
        for (String first : new String[] {"--help", "--kubeconfig", "nonsense", "__complete"}) {
            assertThat(KubectlVpn.commandLine(first, "status").getUsageMessage())
                    .isEqualTo(all.getUsageMessage());
        }
    }
}
