package io.urvpn.agent;

import java.time.Instant;

/**
 * Who answers for this node.
 *
 * @param machineKey key of the machine, on its disk; it outlives the Node object
 * @param bootId boot id; an agent never outlives a boot
 * @param agentStartedAt when this agent started
 */
public record NodeIdentity(String machineKey, String bootId, Instant agentStartedAt) {}
