package io.urvpn.kernel.host;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Another machine: a network namespace beside the test's, held by a process, and linked to it by cables. */
public final class Neighbour implements AutoCloseable {
    private final Process holder;

    public Neighbour() {
        try {
            holder = new ProcessBuilder("unshare", "--net", "sleep", "infinity").start();
            Path its = Path.of("/proc/" + holder.pid() + "/ns/net");
            String here =
                    Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
            await().pollInSameThread()
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> !Files.readSymbolicLink(its).toString().equals(here));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("ip link set lo up");
    }

    /** A cable from a new link here to a new link there; both are up. */
    public Neighbour linked(String here, String there) {
        Command.line("ip link add " + here + " type veth peer name " + there + " netns " + holder.pid());
        Command.line("ip link set " + here + " up");
        run("ip link set " + there + " up");
        return this;
    }

    /** Runs a command there. */
    public String run(String line) {
        List<String> command = new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid()), "--net"));
        command.addAll(List.of(line.strip().split(" +")));
        return Command.run(command.toArray(String[]::new));
    }

    /** Gives nft(8) there a ruleset. */
    public void nft(String ruleset) {
        Command.feed(ruleset, "nsenter", "-t", Long.toString(holder.pid()), "--net", "nft", "-f", "-");
    }

    /** Makes something there, such as a socket, which stays there. */
    <T> T make(Callable<T> something) {
        CompletableFuture<T> made = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            Native.enter(Native.networkNamespace(holder.pid()));
            try {
                made.complete(something.call());
            } catch (Exception e) {
                made.completeExceptionally(e);
            }
        });
        return made.join();
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
