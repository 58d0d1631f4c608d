package io.urvpn.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.urvpn.api.v1alpha1.VpnCleanup;
import io.urvpn.cli.KubectlVpn.Unusable;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code kubectl vpn report}: an operation for who was not there. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Print an operation with its evidence; as html it is one file, with a timeline of the steps.")
final class ReportCommand implements Callable<Integer> {
    /** A form. */
    enum Form {
        text,
        json,
        html
    }

    @ParentCommand
    private KubectlVpn root;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "OPERATION", description = "An operation, or an instance: its newest operation.")
    private String name;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Form form;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        VpnCleanup cleanup = read();
        switch (form) {
            case Form.text -> Words.whole(cleanup).forEach(line -> out.println(Text.plain(line)));
            case Form.json -> out.println(Output.json(cleanup));
            case Form.html -> out.print(new HtmlReport(cleanup, Instant.now()).html());
        }
        out.flush();
        return 0;
    }

    private VpnCleanup read() {
        try (KubernetesClient client = root.client()) {
            return Operations.find(client, name).orElseThrow(() -> new Unusable("there is no VpnCleanup of " + name));
        }
    }
}
