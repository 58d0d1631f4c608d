package io.urvpn.kernel.agent;

import static org.awaitility.Awaitility.await;

import io.urvpn.kernel.host.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real wireguard-go in the test's network, with the mark of an instance in its environment. */
final class WireGuardGo {
    static final Path SOCKETS = Path.of("/var/run/wireguard");

    private final String name;
    private final Process process;
    private final String privateKey = Command.run("wg", "genkey").strip();

    private WireGuardGo(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    static WireGuardGo start(String name, String mark) {
        ProcessBuilder builder = new ProcessBuilder("wireguard-go", "-f", name);
        builder.environment().put("URVPN_INSTANCE_UID", mark);
        builder.redirectErrorStream(true).redirectOutput(new File("/dev/null"));
        try {
            WireGuardGo started = new WireGuardGo(name, builder.start());
            await().until(() -> Files.exists(SOCKETS.resolve(name + ".sock"))
                    && !Command.line("ip -o link")
                            .lines()
                            .filter(line -> line.contains(" " + name + ":"))
                            .toList()
                            .isEmpty());
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes them peers over loopback; the first keeps the tunnel alive. */
    static void connect(WireGuardGo one, WireGuardGo other) {
        one.key();
        other.key();
        other.peer(one);
        Command.run("ip", "link", "set", other.name, "up");
        String port = Command.run("wg", "show", other.name, "listen-port").strip();
        one.peer(other, "endpoint", "127.0.0.1:" + port, "persistent-keepalive", "1");
    }

    private void key() {
        Command.feed(privateKey, "wg", "set", name, "private-key", "/dev/stdin");
    }

    private void peer(WireGuardGo peer, String... more) {
        List<String> command =
                new ArrayList<>(List.of("wg", "set", name, "peer", peer.publicKey(), "allowed-ips", "0.0.0.0/0,::/0"));
        command.addAll(List.of(more));
        Command.run(command.toArray(String[]::new));
    }

    private String publicKey() {
        return Command.feed(privateKey, "wg", "pubkey").strip();
    }

    boolean runs() {
        return process.isAlive();
    }

    /** As by SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    void end() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
