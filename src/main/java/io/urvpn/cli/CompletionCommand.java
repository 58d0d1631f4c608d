package io.urvpn.cli;

import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn completion}: what a shell needs to complete {@code kubectl-vpn}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Print what a shell needs to complete kubectl-vpn.",
            "kubectl's own completion completes 'kubectl vpn' by kubectl_complete-vpn, which is installed beside"
                    + " kubectl-vpn."
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private String shell;

    @Override
    public Integer call() {
        if (!List.of("bash", "zsh", "fish").contains(shell)) {
            throw new Unusable("SHELL is '" + shell + "'; it must be bash, zsh or fish");
        }
        try (InputStream script = CompletionCommand.class.getResourceAsStream("completion." + shell)) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(new String(script.readAllBytes(), StandardCharsets.UTF_8));
            out.flush();
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kubectl-vpn __complete -- WORD...}: the answer in the form of cobra, which kubectl reads. */
    @Command(name = "__complete", hidden = true)
    static final class Answer implements Callable<Integer> {
        /** ShellCompDirectiveDefault and ShellCompDirectiveNoFileComp of cobra. */
        private static final int DEFAULT = 0;

        private static final int NO_FILES = 4;

        @Spec
        private CommandSpec spec;

        @Parameters
        private List<String> words = List.of();

        /** Whatever goes wrong, nobody wants to read it in the middle of a line that is being typed. */
        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            Completion completion = new Completion(spec.parent().commandLine(), words);
            try {
                completion.proposals().forEach(out::println);
            } catch (RuntimeException e) {
                // without names, then
            }
            out.println(":" + (completion.file() ? DEFAULT : NO_FILES));
            out.flush();
            return 0;
        }
    }
}
