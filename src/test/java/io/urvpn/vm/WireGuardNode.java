package io.urvpn.vm;

import static io.urvpn.unit.agent.AgentOnNode.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.urvpn.api.v1alpha1.CleanupPolicyBuilder;
import io.urvpn.api.v1alpha1.DesiredState;
import io.urvpn.api.v1alpha1.Reasons;
import io.urvpn.api.v1alpha1.TunnelRoute;
import io.urvpn.api.v1alpha1.TunnelRule;
import io.urvpn.api.v1alpha1.Verdict;
import io.urvpn.api.v1alpha1.VpnAttachmentSpec.DetachOrder;
import io.urvpn.host.linux.LinuxHost;
import io.urvpn.kernel.host.Command;
import io.urvpn.unit.agent.AgentOnNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * This machine as a node with one instance: the agent over the real kernel, the real launcher, and a peer. What others have
 * on it is there before.
 */
final class WireGuardNode implements AutoCloseable {
    static final String LINK = "urv0";
    /** The interface's name while the launcher makes it. */
    static final String MAKING = "ur-444455556666";

    static final String POD = "11111111-2222-3333-4444-555555555555";

    /** The machine is emulated, and shares its processors with other tests. */
    static final Duration LONG = Duration.ofSeconds(90);

    final AgentOnNode agent;
    private final Path directory;
    private final Peer peer;
    private final List<Launcher> launchers = new ArrayList<>();

    /** Everything it keeps is in that directory. */
    WireGuardNode(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(runtime());
        Files.createDirectories(directory.resolve("bin"));
        String privateKey = Command.run("wg", "genkey").strip();
        peer = new Peer(Command.feed(privateKey, "wg", "pubkey").strip(), "10.8.0.2/32,fd00:8::2/128");
        Files.writeString(directory.resolve("tunnel.conf"), """
                [Interface]
                PrivateKey = %s
                Address = 10.8.0.2/24
                [Peer]
                PublicKey = %s
                Endpoint = %s
                AllowedIPs = 0.0.0.0/0, ::/0
                PersistentKeepalive = 1
                """.formatted(privateKey, peer.publicKey(), Peer.ENDPOINT));
        plantForeignState();
        agent = new AgentOnNode(new LinuxHost(), directory.resolve("lib"), directory.resolve("run"));
        agent.edit(spec -> spec.interfaceName(LINK)
                .addresses(List.of("10.8.0.2/24", "fd00:8::2/64"))
                .masquerade(true)
                .routes(List.of(new TunnelRoute("10.20.0.0/16", null), new TunnelRoute("fd00:20::/64", 5)))
                .rules(List.of(
                        new TunnelRule(null, "10.20.0.0/16", null), new TunnelRule(null, "fd00:20::/64", null))));
    }

    private static void plantForeignState() {
        Command.ipBatch("""
                link add urv00 type wireguard
                link set urv00 alias urvpn:ffffffff-1111-4222-8333-444455556666
                link add ur-444455556667 type wireguard
                link add foreign0 type dummy
                link set foreign0 up
                address add 198.51.100.1/24 dev foreign0
                route add 10.99.0.0/16 dev foreign0 table 20009 proto 4
                rule add from 10.99.0.0/16 lookup 20009 priority 20000 protocol 4
                rule add from 10.98.0.0/16 lookup 20008 priority 19999 protocol 200
                """);
        Command.line("nft add table inet urvpn-ffffffff");
    }

    /** All of the kernel's state that a tunnel may change, as tools print it that share no code with the agent. */
    static String kernel() {
        return ip("-4", "rule show", "route show table all", "address show scope global")
                + ip("-6", "rule show", "route show table all", "address show scope global")
                        // link-local routes come and go with their links
                        .replaceAll("(?m)^.*(fe80|ff00)::.*\\n", "")
                + Command.line("ip -o link show").replaceAll("(?m)^[0-9]+: ([^:]+):.*?(alias .*|$)", "$1 $2")
                + Command.line("wg show all peers")
                + Command.line("nft list ruleset");
    }

    /** Each is a line in one call of ip(8), without the indexes of links, which never come twice. */
    private static String ip(String family, String... shown) {
        return Command.feed(String.join("\n", shown) + "\n", "ip", "-N", "-d", "-o", family, "-batch", "-")
                .replaceAll("(?m)^[0-9]+: (?=[^ ]+ +inet)", "");
    }

    /** Directory of the instance that its pod sees. */
    Path runtime() {
        return directory.resolve("run").resolve(UID);
    }

    Path state() {
        return directory.resolve("lib").resolve(UID);
    }

    /** A container of the instance's pod begins. */
    Launcher launch() {
        Launcher launcher = Launcher.start(
                directory.resolve("bin"),
                List.of(
                        "URVPN_INSTANCE_UID=" + UID,
                        "URVPN_INSTANCE_NAME=office",
                        "URVPN_TYPE=WireGuard",
                        "URVPN_INTERFACE=" + LINK,
                        "URVPN_DIRECTORY=" + runtime(),
                        "URVPN_CONFIG=" + directory.resolve("tunnel.conf")),
                POD,
                directory.resolve("log-" + launchers.size()));
        launchers.add(launcher);
        return launcher;
    }

    /** Starts the launcher and lets the agent work until the tunnel is up. */
    Launcher up() {
        agent.pass();
        Launcher launcher = launch();
        awaitReason(Reasons.UP);
        return launcher;
    }

    void awaitReason(String reason) {
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(agent.pass().ready().getReason())
                        .as(() -> launchers.isEmpty() ? "" : launchers.getLast().said())
                        .isEqualTo(reason));
    }

    /**
     * Kills the launcher right after the command by which it does this, and waits until it is dead.
     *
     * @param command how the arguments of ip(8) begin
     */
    void killedAfter(String command) {
        agent.pass();
        command("""
                #!/bin/sh
                /usr/sbin/ip "$@"
                code=$?
                case "$*" in "%s"*) kill -KILL $PPID ;; esac
                exit $code
                """.formatted(command));
        Launcher launcher = launch();
        await().atMost(LONG).until(() -> Files.exists(runtime().resolve("request")));
        agent.pass();
        launcher.awaitEnd();
        command("#!/bin/sh\nexec /usr/sbin/ip \"$@\"\n");
    }

    /** The operator orders the detach, with time for each step as on a real node: this machine is slow. */
    WireGuardNode detach() {
        agent.edit(spec -> spec.desired(DesiredState.DETACHED)
                        .detach(new DetachOrder(
                                AgentOnNode.OPERATION,
                                Instant.now(),
                                "VpnInstance deleted",
                                "office",
                                CleanupPolicyBuilder.builder()
                                        .timeoutSeconds(60)
                                        .disconnectTimeoutSeconds(5)
                                        .build())))
                .pass();
        return this;
    }

    /** The operator asks for a verification. */
    Verdict verify(int attempt) {
        return agent.ask(attempt).pass().status().verdict();
    }

    private void command(String script) {
        try {
            Path file = Files.writeString(directory.resolve("bin/ip"), script);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean hasLink(String name) {
        return Command.line("ip -o link show").contains(": " + name + ":");
    }

    static String index(String name) {
        return Command.line("ip -o link show " + name).replaceAll("(?s):.*", "");
    }

    @Override
    public void close() {
        launchers.forEach(Launcher::kill);
        peer.close();
    }
}
