package io.urvpn.cli;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.urvpn.api.v1alpha1.Serialization;
import java.io.File;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn}: what people do with tunnels and their cleanups. */
@Command(
        name = "kubectl-vpn",
        mixinStandardHelpOptions = true,
        version = "kubectl-vpn 0.2.0",
        description = "VPN tunnels of a cluster, and their cleanups.",
        subcommands = {CleanupCommand.class, PlanCommand.class},
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

    @Option(
            names = "--kubeconfig",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "The kubeconfig. Default: as kubectl finds it.")
    private File kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "A context of the kubeconfig. Default: the current one.")
    private String context;

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

    /** One line, in the words of the API server where it refused. */
    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult result) {
        String message = failure instanceof KubernetesClientException refused
                        && refused.getStatus() != null
                        && refused.getStatus().getMessage() != null
                ? refused.getStatus().getMessage()
                : failure.getMessage();
        command.getErr().println("error: " + message);
        return failure instanceof Unusable ? USAGE : UNAVAILABLE;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** A client in the name of the user; the caller closes it. */
    KubernetesClient client() {
        Config found = kubeconfig == null ? Config.autoConfigure(context) : Config.fromKubeconfig(kubeconfig);
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(found)
                        .withRequestRetryBackoffLimit(2)
                        .withRequestTimeout(10_000)
                        .build())
                .withKubernetesSerialization(Serialization.kubernetes())
                .build();
    }

    /** What the user named does not exist or cannot be meant. */
    static final class Unusable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }
}
