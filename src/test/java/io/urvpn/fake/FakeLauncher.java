package io.urvpn.fake;

import io.urvpn.host.NodeProcess;
import io.urvpn.host.Processes.Signal;
import java.nio.file.Path;

/**
 * The launcher of a runtime pod on a {@link FakeHost}, with its WireGuard daemon: it writes its request, starts the
 * daemon while the permit names its pod, starts it again when it ends, and ends on TERM.
 */
public final class FakeLauncher implements Behaviour {
    private final String instanceUid;
    private final String podUid;
    private final String interfaceName;
    private final int pid;
    private boolean running;
    private int daemons;

    private FakeLauncher(String instanceUid, String podUid, String interfaceName, int pid) {
        this.instanceUid = instanceUid;
        this.podUid = podUid;
        this.interfaceName = interfaceName;
        this.pid = pid;
    }

    /**
     * Starts a pod on the node: its sandbox (pid), its launcher (pid + 1), and once it is permitted its daemon (from pid
     * + 2 on).
     */
    public static FakeLauncher start(FakeHost node, String instanceUid, String podUid, String interfaceName, int pid) {
        FakeLauncher launcher = new FakeLauncher(instanceUid, podUid, interfaceName, pid);
        String pod = " pod " + podUid;
        node.add("process " + pid + " pause" + pod + " container sandbox-" + pid + " sandbox");
        node.add("process " + (pid + 1) + " launcher" + pod + " container c-" + pid + " mark " + instanceUid);
        node.add("file " + launcher.directory().resolve("request") + " " + Words.quoted(podUid + "\n"));
        launcher.running = true;
        node.runs(launcher);
        launcher.ifPermitted(node);
        return launcher;
    }

    private Path directory() {
        return Path.of("/run/ur-vpn", instanceUid);
    }

    /** As the kubelet ends the pod: all its processes are gone. */
    public void end(FakeHost node) {
        running = false;
        for (int each = pid + 1 + daemons; each >= pid; each--) {
            node.processes.end(each);
        }
    }

    @Override
    public void after(FakeHost node, Change change) {
        switch (change) {
            case Change.Written written when written.path().equals(directory().resolve("permit")) -> ifPermitted(node);
            case Change.Ended ended when ended.process().pid() == pid + 1 -> running = false;
            case Change.Ended ended when isDaemon(ended.process()) -> ifPermitted(node);
            case Change.Signalled signalled
            when signalled.process().pid() == pid + 1 && signalled.signal() == Signal.TERM ->
                node.processes.end(pid + 1 + daemons);
            default -> {}
        }
    }

    private boolean isDaemon(NodeProcess process) {
        return process.pid() == pid + 1 + daemons && daemons > 0;
    }

    private void ifPermitted(FakeHost node) {
        boolean permitted = node.files
                .text(directory().resolve("permit").toString())
                .filter((podUid + "\n")::equals)
                .isPresent();
        boolean there = node.links.named(interfaceName).isPresent();
        if (!running || !permitted || there) {
            return;
        }
        daemons++;
        node.links.make(interfaceName, "tun");
        node.add("process " + (pid + 1 + daemons) + " wireguard-go parent " + (pid + 1) + " pod " + podUid
                + " container c-" + pid + " mark " + instanceUid + " tun " + interfaceName);
        node.add("socket " + directory().resolve("wireguard").resolve(interfaceName + ".sock"));
    }
}
