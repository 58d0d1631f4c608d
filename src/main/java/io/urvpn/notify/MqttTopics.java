package io.urvpn.notify;

import java.nio.charset.StandardCharsets;

/**
 * Topics by instance. What an instance is called is its author's choice ({@code urvpn.io/legacy-instance-name}), and must
 * neither lead into another topic nor be one that MQTT forbids.
 */
public final class MqttTopics {
    /** Stands for the instance in a template. */
    public static final String INSTANCE = "{instance}";

    /** Letters, digits and what the names of Kubernetes and of ur-vpn-manager have beside them. */
    private static final String PLAIN = "-_.~ @:";

    private MqttTopics() {}

    /**
     * Refuses a template that is no topic, or has not the instance in it once.
     *
     * @throws IllegalArgumentException naming the template and what would be right
     */
    public static void checkTemplate(String template) {
        int first = template.indexOf(INSTANCE);
        boolean once = first >= 0 && template.indexOf(INSTANCE, first + 1) < 0;
        if (!once || !isTopic(template.replace(INSTANCE, "x"))) {
            throw new IllegalArgumentException("urvpn.mqtt.topic is '" + template
                    + "'; it must be a topic without + and #, not beginning with $, with {instance} in it once");
        }
    }

    /** True where messages can be published there: no wildcard, no NUL, not of the broker's own ({@code $SYS}). */
    public static boolean isTopic(String topic) {
        return !topic.isEmpty()
                && topic.length() <= 1024
                && topic.chars().noneMatch(c -> c == '+' || c == '#' || Character.isISOControl(c))
                && topic.charAt(0) != '$';
    }

    /** The topic of an instance. */
    public static String of(String template, String instanceName) {
        return template.replace(INSTANCE, encode(instanceName));
    }

    /**
     * The name as one level of a topic. Letters and digits of any script stay, as does what stands in {@code -_.~ @:}; all else
     * is percent-encoded as in a URI, so that two names never share a topic.
     */
    public static String encode(String name) {
        StringBuilder encoded = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0) {
                encoded.appendCodePoint(c);
            } else {
                for (byte one : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    encoded.append(String.format("%%%02X", one));
                }
            }
        });
        return encoded.toString();
    }
}
