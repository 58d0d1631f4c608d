package io.urvpn.notify;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A message to be published with QoS 1.
 *
 * @param topic without wildcards
 * @param payload JSON
 * @param operationId sent as the user property {@code operation_id}
 * @param correlation sent back as it came with the request that this answers
 */
public record MqttMessage(
        String topic, String payload, Optional<String> operationId, Optional<ByteBuffer> correlation) {}
