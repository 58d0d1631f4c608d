package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;
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

    /** Answers about all commands. */
    private static final String COMPLETE = "__complete";

    private static final SequencedMap<String, Supplier<?>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("status", StatusCommand::new);
        COMMANDS.put("delete", DeleteCommand::new);
        COMMANDS.put("cleanup", CleanupCommand::new);
        COMMANDS.put("plan", PlanCommand::new);
        COMMANDS.put("nodes", NodesCommand::new);
        COMMANDS.put("orphans", OrphansCommand::new);
        COMMANDS.put("report", ReportCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
        COMMANDS.put(COMPLETE, CompletionCommand.Answer::new);
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private Connection connection;

    /** The plugin as a program. */
    public static void main(String[] arguments) {
        if (arguments.length > 0 && COMMANDS.containsKey(arguments[0])) {
            HeadStart.begin();
        }
        int exit = commandLine(arguments).execute(arguments);
        EventLoop.end();
        System.exit(exit);
    }

    /**
     * The command line, for programs that run it themselves. It has the command that the arguments begin with, since to set all
     * of them up takes a tenth of the time in which {@code status} answers; or all of them, where they begin otherwise.
     *
     * @param arguments those that it is to execute; none for all commands
     */
    public static CommandLine commandLine(String... arguments) {
        String first = arguments.length == 0 ? "" : arguments[0];
        return COMMANDS.containsKey(first) && !first.equals(COMPLETE)
                ? with(List.of(COMMANDS.get(first)))
                : with(COMMANDS.values());
    }

    private static CommandLine with(Collection<Supplier<?>> commands) {
        CommandLine line = new CommandLine(new KubectlVpn());
        commands.forEach(command -> line.addSubcommand(command.get()));
        return line.setParameterExceptionHandler(KubectlVpn::misused).setExecutionExceptionHandler(KubectlVpn::failed);
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
