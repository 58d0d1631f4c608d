package io.urvpn.unit.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.urvpn.notify.MqttTopics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No name of an instance breaks a topic or leads into another one. */
class MqttTopicsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "test_instance|test_instance",
                "office-2.example|office-2.example",
                "Büro München|Büro München",
                "a/b|a%2Fb",
                "+|%2B",
                "#|%23",
                "$SYS|%24SYS",
                "a%2Fb|a%252Fb",
                "a€b|a%E2%82%ACb",
            })
    void aNameIsOneLevelOfATopic(String name, String encoded) {
        assertThat(MqttTopics.encode(name)).isEqualTo(encoded);
        assertThat(MqttTopics.of("x/{instance}/cleanup", name)).isEqualTo("x/" + encoded + "/cleanup");
    }

    @Test
    void whatCannotBeSeenIsEncodedToo() {
        assertThat(MqttTopics.encode("a\u0000b\nc")).isEqualTo("a%00b%0Ac");
        assertThat(MqttTopics.isTopic(MqttTopics.of("{instance}", "\u0000$#+/")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ur-vpn", "{instance}/{instance}", "ur-vpn/+/{instance}", "#/{instance}", "$SYS/{instance}"})
    void aTemplateThatIsNoTopicIsRefused(String template) {
        assertThatThrownBy(() -> MqttTopics.checkTemplate(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("urvpn.mqtt.topic is '" + template + "'; it must be a topic");
    }
}
