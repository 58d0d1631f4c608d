package io.urvpn.agent;

import java.nio.file.Path;

/**
 * Where an instance has its files on the node.
 *
 * @param runtime volatile state, which its pod sees as {@code /run/ur-vpn}
 * @param state what outlives a reboot
 */
public record InstancePaths(Path runtime, Path state) {

    /**
     * Of one instance.
     *
     * @throws IllegalArgumentException where the uid could name another directory
     */
    public static InstancePaths of(AgentSettings settings, String instanceUid) {
        if (!instanceUid.matches("[0-9A-Za-z-]{1,64}")) {
            throw new IllegalArgumentException(
                    "instance uid '" + instanceUid + "' is no uid: it must have letters, digits and '-' only");
        }
        return new InstancePaths(
                settings.runtimeDirectory().resolve(instanceUid),
                settings.stateDirectory().resolve(instanceUid));
    }

    /** The uid of the pod that asks for its permit; written by the launcher. */
    public Path request() {
        return runtime.resolve("request");
    }

    /** The uid of the pod that may run its daemon; written by the agent. */
    public Path permit() {
        return runtime.resolve("permit");
    }

    /** The instance's routing table, a number; written by the agent before the permit. */
    public Path table() {
        return runtime.resolve("table");
    }

    /** The private key that the agent made for this node, which outlives a reboot; see {@link GeneratedKey}. */
    public Path privateKey() {
        return state.resolve("private.key");
    }

    /** The same for the launcher; written by the agent before the permit. */
    public Path handedKey() {
        return runtime.resolve("private.key");
    }

    /** What the daemon tells of its tunnel; written by the launcher. */
    public Path connection() {
        return runtime.resolve("connection.json");
    }

    /** Where wireguard-go has its sockets. */
    public Path sockets() {
        return runtime.resolve("wireguard");
    }
}
