package io.urvpn.notify;

/**
 * Calls over MQTT.
 *
 * @param requestTopic where requests are taken
 * @param responsePrefix with which each response topic begins
 * @param maxRequestBytes of a request's payload, 256 to 65536
 * @param requestsPerSecond that are carried out, 1 to 1000
 * @param delete instances that may be deleted
 * @param cleanupStatus instances whose operations may be asked for; by name only
 * @param cronJobStatus whether the state of the sweeps may be asked for
 */
public record RpcSettings(
        String requestTopic,
        String responsePrefix,
        int maxRequestBytes,
        int requestsPerSecond,
        CallRule delete,
        CallRule cleanupStatus,
        boolean cronJobStatus) {

    public RpcSettings {
        if (!MqttTopics.isTopic(requestTopic)) {
            throw new IllegalArgumentException("urvpn.mqtt.rpc.request-topic is '" + requestTopic
                    + "'; it must be a topic without + and #, not beginning with $");
        }
        if (!MqttTopics.isTopic(responsePrefix)
                || !responsePrefix.endsWith("/")
                || requestTopic.startsWith(responsePrefix)) {
            throw new IllegalArgumentException("urvpn.mqtt.rpc.response-prefix is '" + responsePrefix
                    + "'; it must be the beginning of a topic, with / at its end, and not of the request topic");
        }
    }
}
