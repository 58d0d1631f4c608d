/** An MQTT broker for the tests of more than one tier. */
package io.urvpn.broker;
