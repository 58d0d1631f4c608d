package io.urvpn.notify;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where messages go. No secret stands here: user name, password, keys and certificates are read from files at each connect.
 *
 * @param host name or address of the broker
 * @param port 1 to 65535
 * @param tls whether the connection is encrypted and the broker's certificate checked against its name
 * @param credentials directory of a mounted Secret with {@code username}, {@code password}, {@code ca.crt}, {@code tls.crt} and
 *     {@code tls.key}, each optional
 * @param clientId MQTT client identifier; empty lets the broker choose one
 * @param topic template of the messages' topic, with one {@code {instance}}
 * @param keepAlive of the connection, 5 to 3600 seconds
 * @param keepUndelivered for so long after its end an operation is kept beyond its TTL while a message of it is owed
 * @param rpc calls over MQTT; empty for none
 */
@RecordBuilder
public record MqttSettings(
        String host,
        int port,
        boolean tls,
        Optional<Path> credentials,
        Optional<String> clientId,
        String topic,
        Duration keepAlive,
        Duration keepUndelivered,
        Optional<RpcSettings> rpc) {

    public MqttSettings {
        MqttTopics.checkTemplate(topic);
    }

    /** The broker, as messages for people name it. */
    public String broker() {
        return "broker " + host + ":" + port;
    }
}
