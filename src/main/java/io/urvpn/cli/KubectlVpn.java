package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn}: what people do with tunnels and their cleanups. */
@Command(
        name = "kubectl-vpn",
        mixinStandardHelpOptions = true,
        version = "kubectl-vpn 0.2.0",
        description = "VPN tunnels of a cluster, and their cleanups.",
        subcommands = {
            StatusCommand.class,
            DeleteCommand.class,
            CleanupCommand.class,
            PlanCommand.class,
            NodesCommand.class,
            OrphansCommand.class,
            ReportCommand.class,
            CompletionCommand.class,
            CompletionCommand.Answer.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Verified, or the command did what it says",
            "1:The cleanup failed, or a node was not read",
            "2:A debt is open: the object is gone, a node still owes its verification",
            "3:Timed out",
            "64:The command line is wrong",
            "69:The API server refused, or does not answer"
        })
public final class KubectlVpn implements Runnable {
    static final int FAILED = 1;
    static final int DEBT = 2;
    static final int TIMED_OUT = 3;
    static final int USAGE = 64;
    static final int UNAVAILABLE = 69;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    /** The plugin as a program. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command line, for programs that run it themselves. */
    public static CommandLine commandLine() {
        return new CommandLine(new KubectlVpn())
                .setParameterExceptionHandler(KubectlVpn::misused)
                .setExecutionExceptionHandler(KubectlVpn::failed);
    }

    private static int misused(ParameterException wrong, String[] arguments) {
        PrintWriter err = wrong.getCommandLine().getErr();
        err.println(wrong.getMessage());
        err.println("See: " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult result) {
        command.getErr().println("error: " + Text.plain(Refusals.line(failure)));
        Refusals.help(failure).forEach(line -> command.getErr().println(Text.plain(line)));
        return failure instanceof Unusable ? USAGE : UNAVAILABLE;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** A client in the name of the user; the caller closes it. */
    KubernetesClient client() {
        return connection.client();
    }

    /**
     * Shows an operation: a picture on a terminal, lines elsewhere.
     *
     * @param name of what it is for
     * @param beside on standard error, since standard output is for a program
     */
    Progress progress(String name, boolean beside) {
        CommandLine line = spec.commandLine();
        PrintWriter out = beside ? line.getErr() : line.getOut();
        return Terminal.draws(beside ? "err" : "out")
                ? new LiveProgress(
                        out,
                        name,
                        Terminal.signs((beside ? System.err : System.out).charset()),
                        Terminal.colours(),
                        Terminal::size)
                : new ProgressLines(out, name);
    }

    /** What the user named does not exist or cannot be meant. */
    static final class Unusable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }
}
